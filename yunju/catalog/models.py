"""Offers, variants, pictures, places, stock, commission and fee rules, freight rules, imports."""

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q

from yunju.kernel.ids import public_code
from yunju.kernel.money import MAX_MINOR
from yunju.members.models import Cluster, Member, Site

ROLES = ("maker", "designer", "provider")
"""Service roles an offer may pay. Not a chain: each is a fee of the offer, contracted with that member."""


def private_files() -> Storage:
    """Where uploads lie that nobody downloads: below the home, outside everything that is served."""
    return storages["private"]


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


class Place(models.Model):
    """Where stock lies: an address of a supplier, or a site."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="places")
    name = models.CharField(max_length=80)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    position = models.IntegerField(default=0, help_text="Lower is taken from first")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "name"], name="place_name")]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """What a supplier sells. `listed_at` set and `withdrawn_at` unset: it is on the shelf, in every shop that picked it."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="offers")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    mode = models.CharField(max_length=12, default="ship")
    title = models.CharField(max_length=200)
    body_html = models.TextField(blank=True, help_text="Sanitised")
    search_text = models.TextField(
        blank=True, help_text="Title, brand, tags and the words of the body, folded for search"
    )
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


class Stock(models.Model):
    """Pieces of one variant at one place. received = reserved + sold + remaining, always (invariant I16).

    Rows are locked in id order by `catalog.actions.stock.lock_stock` and nobody else.
    """

    cluster_id = models.BigIntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock")
    place = models.ForeignKey(Place, on_delete=models.PROTECT)
    received = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    sold = models.BigIntegerField(default=0)
    remaining = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "variant", "place"], name="stock_once"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, reserved__gte=0, sold__gte=0), name="stock_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(received=F("reserved") + F("sold") + F("remaining")), name="stock_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id} at {self.place_id}: {self.remaining}"


class CommissionRule(models.Model):
    """What an offer pays its shop; the newest version holds, each order line freezes the one it was placed under."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField()
    shop_bp = models.PositiveIntegerField(default=0)
    shop_floor_minor = models.BigIntegerField(default=0)
    shop_cap_minor = models.BigIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "version"], name="rule_version"),
            models.CheckConstraint(condition=Q(shop_bp__lte=9_000), name="rule_shop_bp"),
            models.CheckConstraint(
                condition=Q(shop_floor_minor__gte=0)
                & (Q(shop_cap_minor__isnull=True) | Q(shop_cap_minor__gte=F("shop_floor_minor"))),
                name="rule_floor_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} v{self.version}"


class ServiceRole(models.Model):
    """A further payee of an offer under a rule: its designer, maker or provider. Never a tree."""

    rule = models.ForeignKey(CommissionRule, on_delete=models.PROTECT, related_name="service_roles")
    role = models.CharField(max_length=12, choices=[(role, role) for role in ROLES])
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    bp = models.PositiveIntegerField()
    floor_minor = models.BigIntegerField(default=0)
    cap_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "role", "member"], name="service_role_once"),
            models.CheckConstraint(condition=Q(bp__gte=1, bp__lte=9_000), name="service_role_bp"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.member_id}"


class FeeRule(models.Model):
    """The platform's and the park's part in a cluster, versioned; all versions are kept."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="fee_rules")
    version = models.PositiveIntegerField()
    platform_bp = models.PositiveIntegerField(default=0)
    platform_floor_minor = models.BigIntegerField(default=0)
    platform_cap_minor = models.BigIntegerField(null=True, blank=True)
    park_bp = models.PositiveIntegerField(default=0)
    park_floor_minor = models.BigIntegerField(default=0)
    park_cap_minor = models.BigIntegerField(null=True, blank=True)
    effective_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "version"], name="fee_rule_version"),
            models.CheckConstraint(
                condition=Q(platform_bp__lte=5_000, park_bp__lte=5_000), name="fee_rule_bp"
            ),
        ]

    def __str__(self) -> str:
        return f"fees v{self.version}"


class FreightRule(models.Model):
    """What sending costs with one supplier, until carrier tables come: free, flat per order, or by weight."""

    supplier = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="freight_rule")
    kind = models.CharField(
        max_length=8, choices=[("free", "free"), ("flat", "flat"), ("weight", "weight")], default="free"
    )
    flat_minor = models.BigIntegerField(default=0)
    first_g = models.PositiveIntegerField(default=1_000)
    first_minor = models.BigIntegerField(default=0)
    next_g = models.PositiveIntegerField(default=1_000)
    next_minor = models.BigIntegerField(default=0)
    free_over_minor = models.BigIntegerField(null=True, blank=True)
    surcharges = models.JSONField(default=dict, blank=True, help_text="Province -> minor units on top")
    not_served = models.JSONField(default=list, blank=True, help_text="Provinces nothing is sent to")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    flat_minor__gte=0, first_minor__gte=0, next_minor__gte=0, first_g__gte=1, next_g__gte=1
                ),
                name="freight_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.kind}"


class ImportRun(models.Model):
    """One import of a file: dry or real, how far it is, and what came of it row by row.

    waiting -> running -> done | refused (the file as a whole, or a fault under `strict`) | stopped (broke off). `file` is
    set while the run may need it, and after a dry or stopped run until another run takes it over or a day has passed.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT)
    format = models.CharField(max_length=20, default="shopify")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField()
    state = models.CharField(
        max_length=10,
        default="running",
        choices=[(s, s) for s in ("waiting", "running", "done", "refused", "stopped")],
    )
    file = models.FileField(upload_to="imports/", storage=private_files, blank=True)
    options = models.JSONField(default=dict, help_text="What the person chose beside file and dry run")
    job_id = models.BigIntegerField(null=True, help_text="The job of the queue; none for the command line")
    rows = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    report = models.JSONField(
        default=dict, help_text="The counts in full, and the remarks row by row up to a limit"
    )
    by_user_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(help_text="When it was asked for, then when work on it began")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["supplier"],
                name="import_under_way",
                condition=Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


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
