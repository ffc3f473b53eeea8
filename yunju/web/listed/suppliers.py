"""Lists of a supplier: offers, goods, orders, waves, cases, talks, reviews, shops, imports, helpers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yunju.catalog.models import ImportRun, Offer
from yunju.members.models import Member, Role
from yunju.members.words import Permission, RoleKind
from yunju.modes.ship import waves
from yunju.orders.models import Case, FlowTimer, Line, Order
from yunju.talks import queries as talking
from yunju.talks.models import Review, Thread
from yunju.ui import messages
from yunju.web import goods, helping, reviews, sales, sending, supplier
from yunju.web.listed.base import Field, Found, Listed, Whose, of_member, with_orders
from yunju.web.request import Request
from yunju.web.sellers import sellers_of
from yunju.web.words import order_word

# --- goods -------------------------------------------------------------------------------------------------------------


def _goods_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda one: one.offer.title, width=40),
        Field(_("Variant"), lambda one: one.title, width=20),
        Field(_("Your code"), lambda one: one.sku, width=18),
        Field(
            _("Category"), lambda one: messages.local_name(one.offer.category) if one.offer.category else ""
        ),
        Field(_("Price"), lambda one: one.price_minor, "money"),
        Field(_("Pieces"), lambda one: one.left, "number", 10),
        Field(_("State"), lambda one: _("On the shelf") if one.offer.on_shelf else _("Off the shelf")),
        Field(_("Sent from"), lambda one: one.sent_from, "day", 14),
    ]


def _sale_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda one: one.variant.offer.title, width=40),
        Field(_("Variant"), lambda one: one.variant.title, width=20),
        Field(_("Sale price"), lambda one: one.price_minor, "money"),
        Field(_("Starts at"), lambda one: one.starts_at, "moment", 18),
        Field(_("Ends at"), lambda one: one.ended_at or one.ends_at, "moment", 18),
        Field(_("Pieces at this price"), lambda one: one.quota, "number", 10),
        Field(_("Taken"), lambda one: one.taken, "number", 10),
        Field(_("Pieces per buyer"), lambda one: one.per_buyer, "number", 10),
    ]


# --- orders ------------------------------------------------------------------------------------------------------------


def _order_rows(_request: Request, member: Member, orders: list[Order]) -> Iterator[Any]:
    """A row a line, freight too; nothing of the buyer: what is needed to send stands in the file of a wave."""
    lines: dict[int, list[Line]] = {}
    wanted = [order.pk for order in orders]
    for line in Line.objects.filter(cluster_id=member.cluster_id, order_id__in=wanted).order_by("seq"):
        lines.setdefault(line.order_id, []).append(line)
    for order in orders:
        word = order_word(order, lines.get(order.pk, [])).text
        yield from ((order, line, word) for line in lines.get(order.pk, []))


def _order_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Order"), lambda row: row[0].number, width=20),
        Field(_("Placed"), lambda row: row[0].placed_at, "moment", 18),
        Field(_("State"), lambda row: row[2]),
        Field(_("Item"), lambda row: _("Freight") if row[1].kind == "freight" else row[1].title, width=36),
        Field(_("Variant"), lambda row: row[1].variant_title),
        Field(_("Pieces"), lambda row: row[1].quantity, "number", 8),
        Field(_("Price"), lambda row: row[1].unit_minor, "money"),
        Field(_("Amount"), lambda row: row[1].amount_minor, "money"),
        Field(_("Given back"), lambda row: row[1].refunded_minor, "money"),
        Field(_("Sent at"), lambda row: row[0].dispatched_at, "moment", 18),
        Field(_("Received"), lambda row: row[0].received_at, "moment", 18),
    ]


def _wave_rows(_request: Request, _of: Any, found: list[Any]) -> Iterable[Any]:
    """A wave, and what one parcel of it holds."""
    parts = waves.parts_of([one.content for one in found])
    for one in found:
        held = [f"{part.title} × {part.quantity}" for part in parts.get(one.content, ())]
        yield one, " · ".join(held)


def _wave_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Wave"), lambda row: row[0].number, "number", 10),
        Field(_("What a parcel holds"), lambda row: row[1], width=50),
        Field(_("Made"), lambda row: row[0].made_at, "moment", 18),
        Field(_("Parcels"), lambda row: row[0].orders, "number", 10),
        Field(_("Not sent yet"), lambda row: row[0].waiting or 0, "number", 12),
        Field(_("Printed"), lambda row: row[0].printed_at, "moment", 18),
        Field(_("Exported"), lambda row: row[0].exported_at, "moment", 18),
    ]


# --- after-sale and talks ----------------------------------------------------------------------------------------------


def _cases(request: Request, member: Member) -> Found:
    if request.GET.get("view") == "threads":
        return talking.waiting(request.actor, supplier_id=member.pk)
    return supplier.wanted(request, member)


def _case_rows(request: Request, _of: Any, found: list[Case | Thread]) -> Iterable[Any]:
    """With their order, and the moment at which silence decides. A question is a row too, where the page lists questions."""
    timers = FlowTimer.objects.filter(
        cluster_id=request.cluster.pk, noun="case", noun_id__in=[one.pk for one in found]
    )
    ends = dict(timers.values_list("noun_id", "due_at"))
    for one, order in with_orders(found):
        yield one, order, one.answer_due_at if isinstance(one, Thread) else ends.get(one.pk)


def _case_fields(request: Request, _of: Any) -> Sequence[Field]:
    fields = [Field(_("Order"), lambda row: row[1].number, width=20)]
    if request.GET.get("view") == "threads":
        return [
            *fields,
            Field(_("Written at"), lambda row: row[0].waiting_since, "moment", 18),
            Field(_("Answer due"), lambda row: row[2], "moment", 18),
        ]
    return [*fields, *case_fields(), Field(_("Comes back under"), lambda row: row[0].tracking, width=24)]


def case_fields() -> list[Field]:
    """What pages say of a case: of rows that are a case, its order, and the moment at which it is decided by itself."""
    return [
        Field(_("Asked"), lambda row: row[0].opened_at, "moment", 18),
        Field(_("Wish"), lambda row: messages.word("case.kind", row[0].kind)),
        Field(_("Reason"), lambda row: messages.word("case.reason", row[0].reason), width=24),
        Field(_("The buyer's words"), lambda row: row[0].words, width=50),
        Field(_("State"), lambda row: messages.word("case.state", row[0].state), width=18),
        Field(_("Decided by itself at"), lambda row: row[2], "moment", 20),
        Field(_("Amount"), lambda row: row[0].amount_minor, "money"),
    ]


def _talks(request: Request, member: Member) -> QuerySet[Thread]:
    """Those who wait, the most urgent first; then those with an answer, the newest first."""
    found = talking.threads_visible_to(request.actor).filter(supplier_id=member.pk)
    return talking.with_last_words(found).order_by("answer_due_at", "-last_at")


def _talk_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Order"), lambda row: row[1].number, width=20),
        Field(_("Last words"), lambda row: row[0].last_words or "", width=60),
        Field(_("Last message"), lambda row: row[0].last_at, "moment", 18),
        Field(_("Answer due"), lambda row: row[0].answer_due_at, "moment", 18),
    ]


def _review_rows(_request: Request, _of: Any, found: list[Review]) -> Iterable[Any]:
    offers = Offer.objects.in_bulk([one.offer_id for one in found])
    return [(one, offers[one.offer_id].title if one.offer_id in offers else "") for one in found]


def _review_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Title"), lambda row: row[1], width=40),
        Field(_("Variant"), lambda row: row[0].variant_title),
        Field(_("Stars of 5"), lambda row: row[0].stars, "number", 10),
        Field(_("The buyer's words"), lambda row: row[0].words, width=60),
        Field(_("Buyer"), lambda row: row[0].author, width=10),
        Field(_("Day"), lambda row: row[0].at, "moment", 18),
        Field(_("Your answer"), lambda row: row[0].answer, width=50),
        Field(
            _("State"),
            lambda row: (
                messages.word("review.hidden", row[0].hidden_for) if row[0].hidden_at else _("Public")
            ),
        ),
    ]


# --- shops, imports, helpers -------------------------------------------------------------------------------------------


def _seller_fields(request: Request, member: Member) -> Sequence[Field]:
    """What shops earned is money: for those who may see it."""
    fields = [
        Field(_("Shop"), lambda one: one.shop.name, width=28),
        Field(_("Offers picked"), lambda one: one.offers, "number", 14),
        Field(_("Since"), lambda one: one.since, "moment", 18),
        Field(_("Pieces in 30 days"), lambda one: one.sold.pieces, "number"),
    ]
    if request.actor.holds(Permission.MONEY_SEE, member.pk):
        fields.append(Field(_("Goods sold"), lambda one: one.sold.goods_minor, "money"))
        fields.append(Field(_("Commission"), lambda one: one.sold.commission_minor, "money"))
    return fields


def _import_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("File"), lambda run: run.file_name, width=36),
        Field(_("Started"), lambda run: run.started_at, "moment", 18),
        Field(_("Kind"), lambda run: _("Trial") if run.dry_run else _("Import")),
        Field(_("Format"), lambda run: messages.word("import.format", run.format), width=20),
        Field(_("Rows"), lambda run: run.rows, "number", 10),
        Field(_("Rows done"), lambda run: run.rows_done, "number", 12),
        Field(
            _("State"),
            lambda run: _("Undone") if run.undone_at else messages.word("import.state", run.state),
        ),
    ]


def _helpers(_request: Request, member: Member) -> Found:
    held = Role.objects.filter(member=member, kind=RoleKind.HELPER, ended_at=None)
    return held.select_related("user").order_by("pk")


def _helper_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Name"), lambda role: role.user.name, width=24),
        Field(_("E-mail"), lambda role: str(role.user.email), width=32),
        Field(_("Role since"), lambda role: role.granted_at, "moment", 18),
    ]


def _imports(_request: Request, member: Member) -> Found:
    return ImportRun.objects.filter(supplier=member).order_by("-id")


LISTS = (
    Listed("goods", "goods", of_member(Permission.OFFER_EDIT), goods.wanted, _goods_fields),
    Listed("orders", "to_ship", of_member(Permission.ORDER_SEE), sending.wanted, _order_fields, _order_rows),
    Listed(
        "waves",
        "waves",
        of_member(Permission.ORDER_SHIP),
        lambda _r, member: waves.waves_of(member.cluster_id, member.pk),
        _wave_fields,
        _wave_rows,
    ),
    Listed("cases", "cases", of_member(Permission.CASE_ANSWER), _cases, _case_fields, _case_rows),
    Listed(
        "talks",
        "talks",
        of_member(Permission.CASE_ANSWER),
        _talks,
        _talk_fields,
        lambda _r, _of, found: with_orders(found),
    ),
    Listed(
        "reviews",
        "member_reviews",
        of_member(Permission.CASE_ANSWER),
        reviews.wanted,
        _review_fields,
        _review_rows,
    ),
    Listed(
        "sellers",
        "sellers",
        of_member(Permission.OFFER_EDIT),
        lambda _r, member: sellers_of(member),
        _seller_fields,
    ),
    Listed(
        "sales",
        "sales",
        of_member(Permission.OFFER_EDIT),
        lambda _r, member: sales.wanted(member),
        _sale_fields,
    ),
    Listed("imports", "imports", of_member(Permission.OFFER_EDIT), _imports, _import_fields),
    Listed(
        "helpers",
        "helpers",
        Whose(helping.whose, lambda _r, _m: None),
        _helpers,
        _helper_fields,
        seen="roles",
    ),
)
