"""What must be in order before a market goes live: real checks, asked anew each time.

Each looks at what is, not at what somebody ticked. The trial order is placed, paid, proved and refunded for real in one
transaction that is then rolled back, so that nothing of it stays. `go_live` refuses while one check says no.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from yunju.catalog.models import CommissionRule, FeeRule, Offer, Stock, Variant
from yunju.catalog.selling import selling
from yunju.kernel import clock, guards, loops
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, YunjuError
from yunju.ledger import queries as ledger
from yunju.ledger.kinds import Kind
from yunju.members import actions, papers, policy, queries
from yunju.members.models import AGREEMENTS, Capacity, Cluster, ClusterPapers, Role, User
from yunju.members.words import OPERATOR_GRANTS, CapacityKind, Permission
from yunju.notices import sms
from yunju.orders.actions import intake, refunds
from yunju.orders.actions.pay import pay
from yunju.orders.draft import ContactDraft, Placed, PlaceRequest, WantedLine
from yunju.orders.models import Purchase
from yunju.payments import registry as gateways
from yunju.payments.contract import VerifiedEvent
from yunju.payments.models import Attempt
from yunju.payments.simulated import Simulated
from yunju.ui import messages

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEMO_DOMAIN = "@demo.example"


class Verdict(StrEnum):
    """What a check found."""

    WELL = "well"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`params` fill the sentence `check.<code>.<verdict>` of the check; `page` is where it is put right."""

    code: str
    verdict: Verdict
    params: dict[str, str | int] = field(default_factory=dict)
    page: str = ""

    @property
    def is_well(self) -> bool:
        return self.verdict is Verdict.WELL


Check = Callable[[Cluster], Outcome]


def _said(code: str, *, well: bool, page: str = "", **params: str | int) -> Outcome:
    return Outcome(code, Verdict.WELL if well else Verdict.WRONG, params, page)


def papers_set(cluster: Cluster) -> Outcome:
    """Who runs the site, and where to complain."""
    kept = _papers(cluster)
    wanted = ("firm", "credit_code", "licence", "address", "complaint_phone")
    missing = [name for name in wanted if not getattr(kept, name)]
    return _said("papers", well=not missing, page="papers", missing=" ".join(missing))


def filing_set(cluster: Cluster) -> Outcome:
    """A site for people in mainland China shows its ICP filing."""
    return _said("filing", well=cluster.country != "CN" or bool(_papers(cluster).icp_no), page="papers")


def agreements_published(cluster: Cluster) -> Outcome:
    missing = [kind for kind in AGREEMENTS if kind not in papers.in_force(cluster.pk)]
    return _said("agreements", well=not missing, page="agreements", missing=" ".join(missing))


def fees_published(cluster: Cluster) -> Outcome:
    rules = FeeRule.objects.filter(cluster=cluster, effective_at__lte=clock.now())
    return _said("fees", well=rules.exists(), page="rules")


def real_gateway(_cluster: Cluster) -> Outcome:
    """The simulated one is for trying things out: with it nobody is paid."""
    codes = set(gateways.all_gateways())
    return _said("gateway", well=bool(codes) and Simulated.code not in codes, codes=" ".join(sorted(codes)))


def texts_sent(cluster: Cluster) -> Outcome:
    """A real sender, and a message that somebody has sent with it."""
    well = settings.YUNJU_SMS != sms.SHOWN and _papers(cluster).texted_at is not None
    return _said("texts", well=well, page="setup")


def two_people(cluster: Cluster) -> Outcome:
    """Who makes a payout run does not approve it: two people of the operator who may pay out."""
    kinds = [kind.value for kind, words in OPERATOR_GRANTS.items() if Permission.CLUSTER_PAYOUT in words]
    operators = Capacity.objects.filter(
        kind=CapacityKind.OPERATOR, member__cluster=cluster, admitted_at__isnull=False, ended_at=None
    )
    roles = Role.objects.filter(
        member_id__in=operators.values("member_id"), kind__in=kinds, ended_at=None, user__is_active=True
    )
    count = roles.values("user_id").distinct().count()
    return _said("people", well=count >= 2, page="roles", number=count)


def backups_known(cluster: Cluster) -> Outcome:
    note = _papers(cluster).backup_note
    return _said("backup", well=len(note) >= 10, page="setup", note=note)


def https(_cluster: Cluster) -> Outcome:
    url = urlsplit(settings.YUNJU_PUBLIC_URL)
    well = url.scheme == "https" and url.hostname not in LOOPBACK
    return _said("https", well=well, address=settings.YUNJU_PUBLIC_URL)


def clock_is_right(_cluster: Cluster) -> Outcome:
    well = not settings.YUNJU_CLOCK_SHIFT_HOURS and not settings.YUNJU_TRYING_OUT
    return _said("clock", well=well)


def demo_is_gone(cluster: Cluster) -> Outcome:
    """Nobody of the demonstration may act here."""
    people = User.objects.filter(
        email__endswith=DEMO_DOMAIN, is_active=True, roles__member__cluster=cluster, roles__ended_at=None
    )
    return _said("demo", well=not people.exists())


def guarded(_cluster: Cluster) -> Outcome:
    faults = guards.find_missing()
    return _said("guards", well=not faults, number=len(faults), first=faults[0] if faults else "")


def worker_runs(_cluster: Cluster) -> Outcome:
    late = loops.late()
    return _said("worker", well=not late, page="alarms", number=len(late))


class _Undone(Exception):
    """Ends the trial's transaction: everything in it is taken back."""


def trial_order(cluster: Cluster) -> Outcome:
    """An order that is placed, paid, booked and refunded, in a transaction of which nothing stays."""
    variant = _something_to_sell(cluster)
    if variant is None:
        return _said("trial", well=False, page="members_roll", why="nothing")
    try:
        with transaction.atomic():
            _trade(cluster, variant)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if sum(ledger.total(cluster.pk, kind, cluster.currency) for kind in Kind):
                raise Refused("live.book")
            raise _Undone
    except _Undone:
        return _said("trial", well=True, why="")
    except YunjuError as refusal:
        return _said(
            "trial", well=False, page="orders_look", why=messages.of(refusal, currency=cluster.currency)
        )


def _something_to_sell(cluster: Cluster) -> Variant | None:
    """Any piece on the shelf of an admitted supplier that is sent as a parcel."""
    suppliers = queries.live_capacities(CapacityKind.SUPPLIER).filter(member__closed_at=None)
    offers = Offer.objects.filter(
        cluster=cluster,
        mode="ship",
        listed_at__isnull=False,
        withdrawn_at=None,
        closed_at=None,
        supplier_id__in=suppliers.values("member_id"),
    ).filter(Exists(CommissionRule.objects.filter(offer_id=OuterRef("pk"))))
    stocked = Stock.objects.filter(cluster_id=cluster.pk, variant_id=OuterRef("pk"), remaining__gte=1)
    found = Variant.objects.filter(Exists(stocked), offer__in=offers, closed_at=None, price_minor__gte=1)
    return found.order_by("pk").first()


def _trade(cluster: Cluster, variant: Variant) -> None:
    buyer = queries.anonymous(cluster.pk, secrets.token_hex(16))
    contact = ContactDraft(
        name="试单", phone="13800138000", province="北京市", city="北京市", district="", street="试单路 1 号"
    )
    now = selling(cluster.pk, [variant.pk])[variant.pk]
    line = WantedLine(variant_id=variant.pk, quantity=1, shown_minor=now.price_minor)
    placed = intake.place(
        [PlaceRequest(by=buyer, key=secrets.token_hex(16), lines=(line,), contact=contact)]
    )[0]
    if not isinstance(placed, Placed):
        raise placed
    purchase = Purchase.objects.get(pk=placed.purchase_id)
    verdicts = pay([_arrived(purchase)])
    if verdicts != ["paid"]:
        raise Refused("live.not_paid", verdict=verdicts[0])
    wants = [refunds.Want(order.id, "goodwill") for order in placed.orders]
    for answer in refunds.decide(cluster.pk, wants):
        if isinstance(answer, YunjuError):
            raise answer


def _arrived(purchase: Purchase) -> VerifiedEvent:
    attempt = Attempt.objects.create(
        cluster_id=purchase.cluster_id,
        purchase_id=purchase.pk,
        gateway=gateways.default(),
        out_no=f"T{secrets.token_hex(12)}",
        currency=purchase.currency,
        amount_minor=purchase.total_minor,
        kind="qr",
        started_at=clock.now(),
    )
    return VerifiedEvent(
        gateway=attempt.gateway,
        event_id=attempt.out_no,
        kind="paid",
        out_no=attempt.out_no,
        provider_no=attempt.out_no,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        at=clock.now(),
    )


def trial_passed(cluster: Cluster) -> Outcome:
    """Whether the trial order went well when it was last made: the list shows that without making one."""
    kept = _papers(cluster)
    return _said(
        "trial", well=kept.tried_at is not None, page="setup", why="" if kept.tried_at else "not_yet"
    )


QUICK: Sequence[Check] = (
    papers_set,
    filing_set,
    agreements_published,
    fees_published,
    real_gateway,
    texts_sent,
    two_people,
    backups_known,
    https,
    clock_is_right,
    demo_is_gone,
    guarded,
    worker_runs,
)
"""Checks that only look. `yunju doctor` asks the same of a market that is live."""


def look(cluster: Cluster) -> list[Outcome]:
    """The whole list as it stands; the trial order by its last run."""
    return [*(check(cluster) for check in QUICK), trial_passed(cluster)]


def go_live(*, by: Actor) -> list[Outcome]:
    """Ask everything anew, the trial order too. Live when all is well; else the outcomes say what is not."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    cluster = Cluster.objects.get(pk=by.cluster_id)
    found = [*(check(cluster) for check in QUICK), try_order(by=by)]
    if all(one.is_well for one in found):
        actions.set_live(live=True, by=by)
    return found


def try_order(*, by: Actor) -> Outcome:
    """Make the trial order now, and remember when it went well."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    found = trial_order(Cluster.objects.get(pk=by.cluster_id))
    if found.is_well:
        actions.note_trial(what="tried", by=by)
    return found


def trial_text(cluster: Cluster, phone: str) -> sms.Text:
    """The message of a trial: a sign-in code that opens nothing."""
    params = {"code": "000000"}
    return sms.Text(
        key=secrets.token_hex(16),
        cluster_id=cluster.pk,
        phone=phone,
        code="sms.code",
        params=params,
        words=messages.sentence("sms.code", params),
        language="zh-hans",
    )


def _papers(cluster: Cluster) -> ClusterPapers:
    """Read anew: a request may have changed them since its cluster was read."""
    return ClusterPapers.objects.filter(cluster=cluster).first() or ClusterPapers(cluster=cluster)
