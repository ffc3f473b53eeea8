"""What buyers say in public about what they received."""

from django.db import models
from django.db.models import Q


class Review(models.Model):
    """One per line of an order. Kept when it is bad; hidden only for a reason in law."""

    cluster_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True)
    order_id = models.BigIntegerField()
    line_id = models.BigIntegerField(unique=True)
    offer_id = models.BigIntegerField()
    supplier_id = models.BigIntegerField()
    variant_title = models.CharField(max_length=200, blank=True)
    stars = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=1000, blank=True)
    author = models.CharField(max_length=10, help_text="Masked: the first character and a star")
    by_user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_for = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="review_stars"),
            models.CheckConstraint(
                condition=Q(hidden_at__isnull=True, hidden_for="")
                | (Q(hidden_at__isnull=False) & ~Q(hidden_for="")),
                name="review_hidden_for",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "offer_id", "-id"],
                condition=Q(hidden_at__isnull=True),
                name="review_of_offer",
            ),
            models.Index(fields=["cluster_id", "supplier_id", "-id"], name="review_of_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} for {self.offer_id}"


class ReviewPicture(models.Model):
    """A public picture of a review."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="pictures")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    small = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "position"], name="review_picture_once")]

    def __str__(self) -> str:
        return self.name
