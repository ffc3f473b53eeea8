"""素材: what a supplier writes and pictures for those who share an offer."""

from django.db import models

from yunju.catalog.models.shelf import Offer
from yunju.kernel.ids import public_code

TEXT_LENGTH = 500


class Material(models.Model):
    """One set: a text that shops may post as it is, and one to nine pictures. A set that is taken back has `ended_at`."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="materials")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    text = models.CharField(max_length=TEXT_LENGTH)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.code}"


class MaterialPicture(models.Model):
    """One of a set's pictures, as JPEG: what every phone can keep in its album."""

    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="pictures")
    file = models.FileField(upload_to="materials/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    position = models.IntegerField()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.material_id}/{self.position}"
