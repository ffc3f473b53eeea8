"""What a shop has posted of the words and pictures that suppliers write for it."""

from django.db import models

from yunju.catalog.models import Material
from yunju.shops.models.shops import Shop


class MaterialPost(models.Model):
    """That a shop has put one set of material before its people (朋友圈, a group). `offer_id` is the material's."""

    cluster_id = models.BigIntegerField()
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="posts")
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="posts")
    offer_id = models.BigIntegerField()
    by_user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "material"], name="material_posted_once")]

    def __str__(self) -> str:
        return f"{self.shop_id} posted {self.material_id}"
