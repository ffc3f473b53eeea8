"""Which lists a member's people take away as a file, who may, and what stands in them. Each row is as its page shows it."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from django.contrib import messages as flash
from django.db.models import Model, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yunju.catalog.models import Offer, Picture, Stock, Variant
from yunju.kernel import clock, jobs
from yunju.kernel.errors import NotFound, TooMany
from yunju.kernel.money import decimal_text
from yunju.members.models import Cluster, Member, User
from yunju.members.queries import actor_for
from yunju.members.words import Permission
from yunju.orders.models import Line, Order, Share
from yunju.orders.queries.statement import earning_of
from yunju.payments.models import PayoutItem
from yunju.ui import messages
from yunju.web.exports import CSV, Column, Table, Value, attachment, content, write
from yunju.web.import_template import heads
from yunju.web.request import Request, acting_for, go
from yunju.web.words import order_word
from yunju.web.workbook import XLSX

KIND = "web.export"
AT_ONCE = 2_000
"""Rows that a page may wait for; longer lists are jobs."""

BATCH = 500
Row = TypeVar("Row", bound=Model)
KINDS = ("xlsx", "csv")


@dataclass(frozen=True)
class Listed:
    """One list: its word, what its file needs the person to hold, how many rows it has at least, and the rows."""

    code: str
    permission: Permission
    count: Callable[[Member], int]
    columns: Callable[[], Sequence[Column]]
    rows: Callable[[Member], Iterator[Sequence[Value]]]


def table_of(listed: Listed, member: Member, cluster: Cluster) -> Table:
    return Table(
        messages.word("export", listed.code),
        listed.columns(),
        listed.rows(member),
        cluster.currency,
        cluster.timezone,
    )


# --- the lists -------------------------------------------------------------------------------------------------------


def _offers(member: Member) -> QuerySet[Variant]:
    return Variant.objects.filter(offer__supplier=member, offer__closed_at=None, closed_at=None)


def _offer_columns() -> list[Column]:
    wide = {"Title": 36, "Body (HTML)": 40}
    return [Column(head, width=wide.get(column, 16)) for column, head, _note in heads()]


def _offer_rows(member: Member) -> Iterator[Sequence[Value]]:
    """A row a variant, with the heads of the template: changed in Excel and uploaded, it changes these offers."""
    currency = member.cluster.currency
    ids = list(_offers(member).order_by("-offer_id", "position", "pk").values_list("pk", flat=True))
    before = 0
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        rows = {row.pk: row for row in Variant.objects.filter(pk__in=part).select_related("offer__category")}
        left = _left(member, part)
        pictures = _addresses({row.offer_id for row in rows.values()})
        for pk in part:
            row = rows[pk]
            told = _variant(row, currency) | {"Variant Inventory Qty": str(left[pk]) if pk in left else ""}
            if row.offer_id != before:
                told |= _offer(row.offer) | {"Image Src": " ".join(pictures.get(row.offer_id, ()))}
            before = row.offer_id
            yield [told.get(column, "") for column, _head, _note in heads()]


def _variant(row: Variant, currency: str) -> dict[str, str]:
    told = {
        "Offer Code": row.offer.code,
        "Variant SKU": row.sku,
        "Variant Price": decimal_text(row.price_minor, currency),
        "Variant Barcode": row.barcode,
        "Variant Grams": str(row.weight_g) if row.weight_g else "",
    }
    if row.compare_at_minor:
        told["Variant Compare At Price"] = decimal_text(row.compare_at_minor, currency)
    for place, (name, value) in enumerate(zip(row.offer.option_names, row.options, strict=False), start=1):
        told |= {f"Option{place} Name": name, f"Option{place} Value": value}
    return told


def _offer(offer: Offer) -> dict[str, str]:
    category = offer.category
    return {
        "Handle": offer.import_key.partition(":")[2].removeprefix("@"),
        "Title": offer.title,
        "Type": category.code if category else "",
        "Vendor": offer.brand,
        "Tags": ",".join(map(str, offer.tags)),
        "Body (HTML)": offer.body_html,
        "Status": _("Yes") if offer.on_shelf else _("No"),
    }


def _left(member: Member, ids: Sequence[int]) -> dict[int, int]:
    rows = Stock.objects.filter(cluster_id=member.cluster_id, variant_id__in=ids, place__closed_at=None)
    return dict(rows.order_by().values_list("variant_id").annotate(left=Sum("remaining")))


def _addresses(offer_ids: set[int]) -> dict[int, list[str]]:
    """Addresses that pictures came with; a file of ours stays with its offer and needs no word."""
    found: dict[int, list[str]] = {}
    for offer_id, url in Picture.objects.filter(
        offer_id__in=offer_ids, source_url__startswith="http"
    ).values_list("offer_id", "source_url"):
        found.setdefault(offer_id, []).append(url)
    return found


def _orders(member: Member) -> QuerySet[Order]:
    return Order.objects.filter(cluster_id=member.cluster_id, supplier_id=member.pk).exclude(
        fulfilment_state=""
    )


def _order_columns() -> list[Column]:
    return [
        Column(_("Order")),
        Column(_("Placed"), "moment"),
        Column(_("State")),
        Column(_("What"), width=36),
        Column(_("Variant")),
        Column(_("Pieces"), "number", 8),
        Column(_("Price"), "money"),
        Column(_("Amount"), "money"),
        Column(_("Given back"), "money"),
        Column(_("Sent"), "moment"),
        Column(_("Received"), "moment"),
    ]


def _order_rows(member: Member) -> Iterator[Sequence[Value]]:
    """A row a line, freight too; nothing of the buyer: what is needed to send stands in the file of a wave."""
    for orders in _batches(_orders(member).select_related("purchase")):
        lines: dict[int, list[Line]] = {}
        wanted = [order.pk for order in orders]
        for line in Line.objects.filter(cluster_id=member.cluster_id, order_id__in=wanted).order_by("seq"):
            lines.setdefault(line.order_id, []).append(line)
        for order in orders:
            word = order_word(order, lines.get(order.pk, [])).text
            for line in lines.get(order.pk, []):
                yield [
                    order.number,
                    order.placed_at,
                    word,
                    _("Freight") if line.kind == "freight" else line.title,
                    line.variant_title,
                    line.quantity,
                    line.unit_minor,
                    line.amount_minor,
                    line.refunded_minor,
                    order.dispatched_at,
                    order.received_at,
                ]


def _shares(member: Member) -> QuerySet[Share]:
    paid = Order.objects.filter(cluster_id=member.cluster_id, purchase__payment_state="paid")
    shares = Share.objects.filter(cluster_id=member.cluster_id, payee_id=member.pk)
    return shares.filter(order_id__in=paid.values("pk"))


def _share_columns() -> list[Column]:
    return [
        Column(_("Order")),
        Column(_("Placed"), "moment"),
        Column(_("What"), width=36),
        Column(_("As whom")),
        Column(_("Amount"), "money"),
        Column(_("Given back"), "money"),
        Column(_("Left"), "money"),
        Column(_("State")),
        Column(_("Can be taken from"), "moment"),
    ]


def _share_rows(member: Member) -> Iterator[Sequence[Value]]:
    for shares in _batches(_shares(member)):
        ids = [share.line_id for share in shares]
        lines = Line.objects.filter(cluster_id=member.cluster_id, pk__in=ids).select_related("order")
        by_id = {line.pk: line for line in lines}
        for share in shares:
            one = earning_of(share, by_id[share.line_id])
            yield [
                one.order.number,
                one.order.placed_at,
                _("Freight") if one.line.kind == "freight" else one.line.title,
                messages.word("share.role", share.role),
                share.amount_minor,
                share.refunded_minor + share.reclaimed_minor,
                one.left_minor,
                messages.word("earning.state", one.state),
                one.due_at,
            ]


def _payouts(member: Member) -> QuerySet[PayoutItem]:
    return PayoutItem.objects.filter(cluster_id=member.cluster_id, member=member)


def _payout_columns() -> list[Column]:
    return [
        Column(_("Payout")),
        Column(_("Asked"), "moment"),
        Column(_("Account (last digits)")),
        Column(_("Gross"), "money"),
        Column(_("Tax"), "money"),
        Column(_("Net"), "money"),
        Column(_("State")),
        Column(_("Settled"), "moment"),
        Column(_("Number of the bank"), width=24),
        Column(_("Words of the bank"), width=36),
    ]


def _payout_rows(member: Member) -> Iterator[Sequence[Value]]:
    for items in _batches(_payouts(member).select_related("run")):
        for item in items:
            yield [
                item.run.number,
                item.run.made_at,
                item.number_last4,
                item.gross_minor,
                item.tax_minor,
                item.net_minor,
                messages.word("payout.state", item.state),
                item.settled_at,
                item.bank_no,
                item.bank_words,
            ]


def _batches(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """The newest first, so many at a time by their ids: a long list in little memory."""
    before: int | None = None
    while True:
        part = rows.order_by("-pk") if before is None else rows.filter(pk__lt=before).order_by("-pk")
        found = list(part[:BATCH])
        yield found
        if len(found) < BATCH:
            return
        before = found[-1].pk


LISTS = {
    one.code: one
    for one in (
        Listed("offers", Permission.OFFER_EDIT, lambda m: _offers(m).count(), _offer_columns, _offer_rows),
        Listed("orders", Permission.ORDER_SEE, lambda m: _orders(m).count(), _order_columns, _order_rows),
        Listed("earnings", Permission.MONEY_SEE, lambda m: _shares(m).count(), _share_columns, _share_rows),
        Listed("payouts", Permission.MONEY_SEE, lambda m: _payouts(m).count(), _payout_columns, _payout_rows),
    )
}


# --- pages and the job -----------------------------------------------------------------------------------------------


def _asked(request: Request, code: str, name: str) -> tuple[Member, Listed, str]:
    listed = LISTS.get(name)
    if listed is None:
        raise NotFound("web.not_found")
    member = acting_for(request, code, listed.permission)
    kind = request.GET.get("format", "xlsx")
    return member, listed, kind if kind in KINDS else "xlsx"


@require_GET
def export(request: Request, code: str, name: str) -> HttpResponse:
    """The file at once; a page that offers to make it where it is long."""
    member, listed, kind = _asked(request, code, name)
    count = listed.count(member)
    if count > AT_ONCE:
        told = {"here": "work", "member": member, "listed": listed, "count": count, "kind": kind}
        return render(request, "web/account/export.html", told)
    made = content(table_of(listed, member, request.cluster), kind)
    return attachment(made, f"{_file_name(listed, member)}.{kind}", mime=CSV if kind == "csv" else XLSX)


@require_POST
def export_start(request: Request, code: str, name: str) -> HttpResponse:
    """A long list as a job; its page has the file."""
    member, listed, kind = _asked(request, code, name)
    params = {
        "list": listed.code,
        "member": member.pk,
        "kind": kind,
        "language": translation.get_language() or "",
    }
    title = messages.word("export", listed.code)
    needs = (member.pk, listed.permission.value)
    back = reverse("work")
    try:
        job = jobs.start(kind=KIND, params=params, by=request.actor, title=title, back=back, needs=needs)
    except TooMany as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "export", member.code, name)
    return go(request, "job", job.code)


def _file_name(listed: Listed, member: Member) -> str:
    day = clock.local_day(clock.now(), member.cluster.timezone)
    return f"{messages.word('export', listed.code)} {member.name} {day:%Y-%m-%d}"


def work_off(progress: jobs.Progress) -> None:
    """What the job does: whoever asked must still be allowed to."""
    params = progress.params
    listed = LISTS[params["list"]]
    member = Member.objects.select_related("cluster").get(pk=params["member"], cluster_id=progress.cluster_id)
    by = actor_for(User.objects.filter(pk=progress.by_user_id or 0).first(), progress.cluster_id)
    if not by.holds(listed.permission, member.pk):
        raise NotFound("web.not_found")
    progress.total(listed.count(member))
    with (
        translation.override(params["language"]),
        tempfile.TemporaryDirectory(prefix="yunju-export-") as folder,
    ):
        path = Path(folder) / f"list.{params['kind']}"
        write(table_of(listed, member, member.cluster), path, params["kind"], progress.done)
        progress.file(f"{_file_name(listed, member)}.{params['kind']}", path)
