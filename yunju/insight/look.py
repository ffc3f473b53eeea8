"""Looking into any order: found by number, phone or name, shown with every line of its money and who did what.

Finding by phone or name reads personal data: it is kept who did, and covered on the page until a reason is given.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.ledger import queries as ledger
from yunju.members import policy
from yunju.members.actions import unmask
from yunju.members.models import Member, Unmasking, User
from yunju.members.words import Permission
from yunju.modes.ship.models import Parcel
from yunju.orders.models import Case, Contact, Event, Line, Order, Purchase, Refund, RefundPart, Share
from yunju.orders.queries import orders_visible_to
from yunju.payments.models import Attempt, PaymentEvent
from yunju.shops.models import Shop

MOST = 50
_LAST_FOUR = re.compile(r"\d{4}", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9-]{5,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave. `by`: number, phone or name; the latter two are on record."""

    by: str
    orders: Sequence[Order]


def search(actor: Actor, words: str) -> Found:
    """Orders by number, code, payment or tracking number; by the last four digits of the phone; by the buyer's name."""
    policy.for_cluster(actor, Permission.CLUSTER_ORDERS)
    words = words.strip()
    if not words:
        raise Invalid("input.required", field="q")
    if _LAST_FOUR.fullmatch(words):
        return Found("phone", _by_contact(actor, "phone", phone__endswith=words))
    if _NUMBER.fullmatch(words):
        found = _by_number(actor, words)
        if found:
            return Found("number", found)
    if len(words) < 2:
        raise Invalid("input.too_short", field="q", least=2)
    return Found("name", _by_contact(actor, "name", name__iexact=words))


def _by_contact(actor: Actor, what: str, **match: str) -> list[Order]:
    unmask(what="order.search", noun_id=None, reason=f"search by {what}", by=actor)
    contacts = Contact.objects.filter(cluster_id=actor.cluster_id, erased_at=None, **match)
    ids = list(contacts.order_by("-order_id").values_list("order_id", flat=True)[:MOST])
    return _orders(actor, pk__in=ids)


def _by_number(actor: Actor, words: str) -> list[Order]:
    """The exact number of something, in the order in which people read them out."""
    upper = words.upper()
    for match in ({"number": upper}, {"code": words}, {"purchase__code": words}):
        if found := _orders(actor, **match):
            return found
    attempts = Attempt.objects.filter(cluster_id=actor.cluster_id, out_no=words)
    if found := _orders(actor, purchase_id__in=list(attempts.values_list("purchase_id", flat=True))):
        return found
    refunds = Refund.objects.filter(cluster_id=actor.cluster_id, out_no=words)
    if found := _orders(actor, pk__in=list(refunds.values_list("order_id", flat=True))):
        return found
    parcels = Parcel.objects.filter(cluster_id=actor.cluster_id, tracking_no=upper)
    return _orders(actor, pk__in=list(parcels.values_list("order_id", flat=True)[:MOST]))


def _orders(actor: Actor, **match: Any) -> list[Order]:
    found = orders_visible_to(actor).filter(**match).select_related("purchase").prefetch_related("lines")
    return list(found.order_by("-pk")[:MOST])


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of who did what: from orders, payments or the covers of personal data."""

    at: datetime
    noun: str
    what: str
    before: str
    after: str
    who: str
    name: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """One order with all of its money."""

    order: Order
    purchase: Purchase
    siblings: Sequence[Order]
    lines: Sequence[Line]
    shares: dict[int, list[Share]]
    names: dict[int, str]
    shops: dict[int, Shop]
    attempts: Sequence[Attempt]
    refunds: Sequence[Refund]
    parts: dict[int, list[RefundPart]]
    cases: Sequence[Case]
    posted: Sequence[Sequence[ledger.Posted]]
    parcel: Parcel | None
    happened: Sequence[Happened]
    contact: Contact | None


def file_of(actor: Actor, code: str) -> File:
    """Everything about an order, for somebody of the operator. Raises NotFound for another cluster's."""
    policy.for_cluster(actor, Permission.CLUSTER_ORDERS)
    order = orders_visible_to(actor).select_related("purchase").filter(code=code).first()
    if order is None:
        raise NotFound("order.unknown")
    here, purchase = {"cluster_id": order.cluster_id}, order.purchase
    lines = list(Line.objects.filter(**here, order_id=order.pk).order_by("seq"))
    shares = list(Share.objects.filter(**here, order_id=order.pk).order_by("line_id", "pk"))
    refunds = list(Refund.objects.filter(**here, order_id=order.pk).order_by("pk"))
    cases = list(Case.objects.filter(**here, order_id=order.pk).order_by("pk"))
    attempts = list(Attempt.objects.filter(**here, purchase_id=purchase.pk).order_by("pk"))
    posted = ledger.legs_for(order.cluster_id, _wanted(order, lines, refunds))
    return File(
        order=order,
        purchase=purchase,
        siblings=list(
            Order.objects.filter(**here, purchase_id=purchase.pk).exclude(pk=order.pk).order_by("pk")
        ),
        lines=lines,
        shares=_grouped(shares, "line_id"),
        names=_names(posted, [share.payee_id for share in shares], order.supplier_id),
        shops={shop.pk: shop for shop in Shop.objects.filter(pk__in={line.shop_id for line in lines})},
        attempts=attempts,
        refunds=refunds,
        parts=_grouped(RefundPart.objects.filter(**here, refund__in=refunds).order_by("pk"), "refund_id"),
        cases=cases,
        posted=list(_grouped(posted, "transfer_id").values()),
        parcel=Parcel.objects.filter(**here, order_id=order.pk).first(),
        happened=_happened(order, cases, attempts),
        contact=Contact.objects.filter(**here, order_id=order.pk, erased_at=None).first(),
    )


def uncover(actor: Actor, order: Order, reason: str) -> None:
    """Name, phone and address may be shown after this: it keeps who looked, and why."""
    unmask(what="order.contact", noun_id=order.pk, reason=reason, by=actor)


def _grouped(rows: Iterable[Any], by: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(getattr(row, by), []).append(row)
    return found


def _wanted(order: Order, lines: Sequence[Line], refunds: Sequence[Refund]) -> list[tuple[str, str, int]]:
    """Every transfer that an order can have caused, by kind and source."""
    kinds = ("refund_decided", "refund_confirmed", "unapplied")
    return [
        ("paid", "order", order.pk),
        ("awarded", "order", order.pk),
        ("shortage", "purchase", order.purchase_id),
        *(("released", "line", line.pk) for line in lines),
        *((kind, "refund", refund.pk) for refund in refunds for kind in kinds),
    ]


def _names(posted: Sequence[ledger.Posted], payees: Sequence[int], supplier_id: int | None) -> dict[int, str]:
    ids = {*payees, supplier_id or 0}
    ids |= {int(leg.subject.partition(":")[2]) for leg in posted if leg.subject.startswith("member:")}
    return dict(Member.objects.filter(pk__in=ids).values_list("pk", "name"))


def _happened(order: Order, cases: Sequence[Case], attempts: Sequence[Attempt]) -> list[Happened]:
    here = Event.objects.filter(cluster_id=order.cluster_id)
    events = [
        *here.filter(noun="purchase", noun_id=order.purchase_id),
        *here.filter(noun="order", noun_id=order.pk),
        *here.filter(noun="case", noun_id__in=[case.pk for case in cases]),
    ]
    paid = list(
        PaymentEvent.objects.filter(
            cluster_id=order.cluster_id, noun="attempt", noun_id__in=[one.pk for one in attempts]
        )
    )
    seen = list(Unmasking.objects.filter(cluster_id=order.cluster_id, what="order.contact", noun_id=order.pk))
    ids = {one.by_user_id or 0 for rows in (events, paid, seen) for one in rows}
    people = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))

    def name(row: Event | PaymentEvent | Unmasking) -> str:
        return people.get(row.by_user_id or 0, "")

    rows = [
        *(Happened(e.at, e.noun, e.event, e.before, e.after, e.who, name(e), e.params) for e in events),
        *(Happened(p.at, "payment", p.what, "", "", "", name(p), p.params) for p in paid),
        *(Happened(u.at, "contact", "seen", "", "", "operator", name(u), {"why": u.reason}) for u in seen),
    ]
    return sorted(rows, key=lambda row: row.at)
