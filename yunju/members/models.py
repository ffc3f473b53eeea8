"""Clusters, users, members, capacities, roles, parks, sites, seats, addresses, payees."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.kernel.money import EXPONENTS
from yunju.members.words import CapacityKind, Channel, Exemption, IdKind, RoleKind


def _choices(
    words: type[CapacityKind] | type[RoleKind] | type[IdKind] | type[Exemption] | type[Channel],
) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Cluster(models.Model):
    """The tenant: one market with its own members, shelf, rules, currency and ledger."""

    code = models.SlugField(max_length=40, unique=True)
    host = models.CharField(
        max_length=200, blank=True, default="", help_text="Host name whose pages show this cluster"
    )
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    timezone = models.CharField(max_length=40, default="Asia/Shanghai")
    currency = models.CharField(max_length=3, default="CNY", choices=[(c, c) for c in sorted(EXPONENTS)])
    country = models.CharField(
        max_length=2,
        default="CN",
        help_text="Its home: what goes elsewhere goes abroad. ISO 3166, two letters",
    )
    attribution_days = models.PositiveSmallIntegerField(default=7)
    self_purchase = models.CharField(
        max_length=10, default="none", choices=[("none", "none"), ("discount", "discount")]
    )
    reserve_bp = models.PositiveIntegerField(default=0, help_text="Part of a released share kept in reserve")
    unpaid_limit = models.PositiveSmallIntegerField(
        default=5, help_text="Unpaid purchases one buyer may hold"
    )
    unpaid_minutes = models.PositiveSmallIntegerField(default=15)
    after_sale_days = models.PositiveSmallIntegerField(default=7)
    payout_min_minor = models.BigIntegerField(default=100)
    shortage_tolerance_minor = models.BigIntegerField(
        default=0, help_text="A payment short by no more counts as paid; the operator bears it"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="cluster_country"),
            models.CheckConstraint(condition=Q(attribution_days__lte=30), name="cluster_attribution_days"),
            models.CheckConstraint(condition=Q(reserve_bp__lte=10_000), name="cluster_reserve"),
            models.CheckConstraint(
                condition=Q(self_purchase__in=["none", "discount"]), name="cluster_self_purchase"
            ),
            models.CheckConstraint(condition=Q(unpaid_limit__gte=1), name="cluster_unpaid_limit"),
            models.CheckConstraint(condition=Q(shortage_tolerance_minor__gte=0), name="cluster_tolerance"),
            models.UniqueConstraint(fields=["host"], condition=~Q(host=""), name="cluster_host"),
        ]

    def __str__(self) -> str:
        return self.name_zh


class UserManager(BaseUserManager["User"]):
    """Makes users; `create_superuser` is Django's own door for the back office."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), joined_at=clock.now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A login. It acts for members through roles; `session_epoch` ends its sessions when it is raised."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    session_epoch = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField()

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower"),
        ]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must repeat to stay signed in: password and epoch. A raised epoch ends all sessions at once.

        Django's own has the password only; it calls this for the present secret and for every fallback.
        """
        salt = "yunju.members.User.session"
        value = f"{self.session_epoch}:{self.password}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    def __str__(self) -> str:
        return self.email


class Member(models.Model):
    """A person or an organisation in a cluster."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    code = models.CharField(max_length=16, unique=True, default=public_code)
    kind = models.CharField(max_length=12, choices=[("person", "person"), ("organisation", "organisation")])
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    story = models.TextField(blank=True)
    gateway_merchant = models.CharField(
        max_length=60, blank=True, help_text="Sub-merchant id at the payment provider"
    )
    reserve_bp = models.PositiveIntegerField(
        null=True, blank=True, help_text="Overrides the cluster's reserve rate"
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["cluster", "name"], name="member_by_name")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["person", "organisation"]), name="member_kind"),
            models.CheckConstraint(
                condition=Q(reserve_bp=None) | Q(reserve_bp__lte=10_000), name="member_reserve"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Capacity(models.Model):
    """That a member is a supplier, a shopkeeper, ... Asked for, then admitted by the operator (or at once)."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="capacities")
    kind = models.CharField(max_length=12, choices=_choices(CapacityKind))
    asked_at = models.DateTimeField()
    admitted_at = models.DateTimeField(null=True, blank=True)
    admitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "capacities"
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=Q(ended_at__isnull=True), name="capacity_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[word.value for word in CapacityKind]), name="capacity_kind"
            ),
            models.CheckConstraint(
                condition=Q(admitted_by=None) | Q(admitted_at__isnull=False), name="capacity_admitted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"


class Role(models.Model):
    """What a user is to a member, from when to when. Taking it away raises the user's session epoch."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=10, choices=_choices(RoleKind))
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "member"], condition=Q(ended_at__isnull=True), name="role_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=[word.value for word in RoleKind]), name="role_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} of {self.member_id}"


class Park(models.Model):
    """A park of the cluster: itself a member (it is paid like others) with sites."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    member = models.OneToOneField(Member, on_delete=models.PROTECT)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Site(models.Model):
    """A place of a park."""

    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    province = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A member's tie to a park: on a site, or in the cloud (no site). One at a time per member and park."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="seats")
    park = models.ForeignKey(Park, on_delete=models.PROTECT, related_name="seats")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "park"], condition=Q(until__isnull=True), name="seat_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="seat_ends_after"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} at {self.park_id}"


class Address(models.Model):
    """A buyer's address book, with the person's own account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=20)
    province = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    district = models.CharField(max_length=40, blank=True)
    street = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.city} {self.street}"


class Payee(models.Model):
    """What the law asks before a first payout: real name or firm, identity (encrypted), licence or ground, consent."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="payee")
    real_name = models.CharField(max_length=120)
    id_kind = models.CharField(max_length=12, choices=_choices(IdKind))
    id_cipher = models.BinaryField()
    id_index = models.BinaryField(
        help_text="Keyed hash, so that the same number can be found without reading it"
    )
    id_last4 = models.CharField(max_length=4)
    licence_no = models.CharField(max_length=40, blank=True)
    exemption = models.CharField(max_length=20, blank=True, choices=_choices(Exemption))
    consent_version = models.CharField(max_length=20)
    consented_at = models.DateTimeField()
    consented_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(licence_no="") | ~Q(exemption=""), name="payee_licence_or_ground"
            ),
        ]
        indexes = [models.Index(fields=["id_index"], name="payee_by_id")]

    def __str__(self) -> str:
        return f"payee {self.member_id}"


class PayoutAccount(models.Model):
    """Where a member's money goes. A change ends the old row and makes a new one."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="payout_accounts")
    channel = models.CharField(max_length=8, choices=_choices(Channel))
    holder = models.CharField(max_length=120)
    bank = models.CharField(max_length=80, blank=True)
    number_cipher = models.BinaryField()
    number_last4 = models.CharField(max_length=4)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at__isnull=True), name="payout_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} …{self.number_last4}"


class MemberEvent(models.Model):
    """What changed about a member, by whom, when and why. Ids and codes only, no personal data."""

    cluster_id = models.BigIntegerField()
    member_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "member_id", "id"], name="member_event_by_member")]

    def __str__(self) -> str:
        return f"{self.what} {self.member_id}"
