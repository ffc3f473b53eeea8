"""Categories, offers, variants, pictures, and what changed about an offer."""

from django.db import models
from django.db.models import Q

from yunju.kernel.ids import public_code
from yunju.kernel.money import MAX_MINOR
from yunju.members.models import Cluster, Member


class Category(models.Model):
    """A shelf label of a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    code = models.SlugField(max_length=60)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.IntegerField(default=0)

    class Meta:
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint(fields=["cluster", "code"], name="category_code")]

    def __str__(self) -> str:
        return self.name_zh


class Offer(models.Model):
    """What a supplier sells. `listed_at` set and `withdrawn_at` unset: it is on the shelf, in every shop that picked it."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="offers")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    mode = models.CharField(max_length=12, default="ship")
    title = models.CharField(max_length=200)
    body_html = models.TextField(blank=True, help_text="Sanitised")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT)
    brand = models.CharField(max_length=120, blank=True)
    tags = models.JSONField(default=list, blank=True)
    option_names = models.JSONField(default=list, blank=True)
    returnable = models.BooleanField(default=True, help_text="Seven-day return without a reason")
    after_sale_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Overrides the cluster's"
    )
    import_key = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()
    listed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "import_key"], condition=~Q(import_key=""), name="offer_import_key"
            ),
            models.CheckConstraint(
                condition=Q(after_sale_days__isnull=True) | Q(after_sale_days__lte=90), name="offer_days"
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster", "-listed_at"],
                name="offer_on_shelf",
                condition=Q(listed_at__isnull=False, withdrawn_at__isnull=True, closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def on_shelf(self) -> bool:
        """True while it may be seen and bought."""
        return self.listed_at is not None and self.withdrawn_at is None and self.closed_at is None


class Variant(models.Model):
    """The unit that is priced and stocked. `options` are the values for the offer's option names."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="variants")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    title = models.CharField(max_length=200, blank=True)
    options = models.JSONField(default=list, blank=True)
    sku = models.CharField(max_length=120, blank=True)
    barcode = models.CharField(max_length=60, blank=True)
    price_minor = models.BigIntegerField()
    compare_at_minor = models.BigIntegerField(null=True, blank=True)
    weight_g = models.PositiveIntegerField(default=0)
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)
    position = models.IntegerField(default=0)
    picture = models.ForeignKey("Picture", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price_minor__gte=0, price_minor__lte=MAX_MINOR // 1_000), name="variant_price"
            ),
            models.UniqueConstraint(
                fields=["offer", "options"], condition=Q(closed_at__isnull=True), name="variant_options_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.title}"


class Picture(models.Model):
    """One picture of an offer: a stored file, or the address it had in an import that could not be fetched."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="pictures")
    file = models.FileField(upload_to="offers/", blank=True)
    source_url = models.URLField(max_length=600, blank=True)
    alt = models.CharField(max_length=300, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.offer_id}/{self.position}"


class OfferEvent(models.Model):
    """What changed about an offer (0: about something of the supplier or cluster): what, who, when. Append-only."""

    cluster_id = models.BigIntegerField()
    offer_id = models.BigIntegerField()
    what = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "offer_id", "id"], name="offer_event_by_offer")]

    def __str__(self) -> str:
        return f"{self.what} {self.offer_id}"
