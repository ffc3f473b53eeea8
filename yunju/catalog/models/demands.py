"""Which categories demand a licence of those who sell in them."""

from django.db import models

from yunju.catalog.models.shelf import Category


class CategoryDemand(models.Model):
    """An offer in this category is on the shelf only while its supplier has a valid licence of that kind."""

    cluster_id = models.BigIntegerField()
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="demands")
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["category", "kind"], name="category_demand_once")]

    def __str__(self) -> str:
        return f"{self.category_id} demands {self.kind}"
