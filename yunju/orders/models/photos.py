"""Photos that a buyer sends with an after-sale request."""

from django.db import models

from yunju.orders.models.cases import Case


class CasePhoto(models.Model):
    """A photo in the private store, opened by signed links that expire."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="photos")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    small = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "position"], name="case_photo_once")]

    def __str__(self) -> str:
        return self.name
