"""A supplier's offers as the table that the import reads: changed in Excel and uploaded, it changes these offers."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from yunju.catalog.models import Offer, Picture, Stock, Variant
from yunju.kernel.money import decimal_text
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.web import own_offers
from yunju.web.import_template import heads
from yunju.web.listed.base import Field, Listed, of_member
from yunju.web.request import Request

WIDE = {"Title": 36, "Body (HTML)": 40}


def _fields(_request: Request, _of: Any) -> Sequence[Field]:
    """The heads of the template, as text: `007` stays a code. No unit stands in them: the import knows them by their words."""
    return [_field(column, head) for column, head, _note in heads()]


def _field(column: str, head: str) -> Field:
    return Field(head, lambda row: row.get(column, ""), width=WIDE.get(column, 16))


def _rows(_request: Request, member: Member, found: list[Offer]) -> Iterator[dict[str, str]]:
    """A row a variant; what is of the whole offer stands in its first row."""
    currency, ids = member.cluster.currency, [offer.pk for offer in found]
    variants: dict[int, list[Variant]] = {}
    here = Variant.objects.filter(offer_id__in=ids, closed_at=None).select_related("offer__category")
    for variant in here.order_by("position", "pk"):
        variants.setdefault(variant.offer_id, []).append(variant)
    left = _left(member, [one.pk for group in variants.values() for one in group])
    pictures = _addresses(ids)
    for offer in found:
        for number, row in enumerate(variants.get(offer.pk, ())):
            told = _variant(row, currency) | {
                "Variant Inventory Qty": str(left[row.pk]) if row.pk in left else ""
            }
            if number == 0:
                told |= _offer(row.offer) | {"Image Src": " ".join(pictures.get(offer.pk, ()))}
            yield told


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


def _addresses(offer_ids: Sequence[int]) -> dict[int, list[str]]:
    """Addresses that pictures came with; a file of ours stays with its offer and needs no word."""
    found: dict[int, list[str]] = {}
    for offer_id, url in Picture.objects.filter(
        offer_id__in=offer_ids, source_url__startswith="http"
    ).values_list("offer_id", "source_url"):
        found.setdefault(offer_id, []).append(url)
    return found


LISTS = (Listed("offers", "offers", of_member(Permission.OFFER_EDIT), own_offers.wanted, _fields, _rows),)
