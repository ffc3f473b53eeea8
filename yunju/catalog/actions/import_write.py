"""Writes parsed products: what is new is made, what differs is changed, what is the same is left alone.

One chunk is one transaction, and within it one product is one savepoint. What a chunk may meet is read before in a
fixed number of queries, so that a file of known products is compared without asking for each.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import DataError, IntegrityError, transaction

from yunju.catalog.actions import events, places, rules, stock
from yunju.catalog.models import Category, Offer, Picture, Stock, Variant
from yunju.catalog.queries import newest_rules, role_terms, shop_terms
from yunju.catalog.report import Remark, Remarks, Tally
from yunju.catalog.shopify import Parsed
from yunju.catalog.shopify_product import Product, ShopVariant
from yunju.catalog.terms import Fees
from yunju.catalog.text import folded, search_text
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused, YunjuError
from yunju.members.models import Member

log = logging.getLogger(__name__)
KEY = "shopify:"
_OFFER_COLUMNS = {
    "title": "Title",
    "body_html": "Body (HTML)",
    "brand": "Vendor",
    "tags": "Tags",
    "category_id": "Type",
    "option_names": "Option1 Name",
}
_VARIANT_COLUMNS = {
    "sku": "Variant SKU",
    "barcode": "Variant Barcode",
    "price_minor": "Variant Price",
    "compare_at_minor": "Variant Compare At Price",
    "weight_g": "Variant Grams",
    "picture_id": "Variant Image",
}
"""Field -> the column it comes from. A column that the file has not says nothing: the field stays as it is."""


@dataclass(frozen=True, slots=True)
class Job:
    """What stays the same for all chunks of an import."""

    run_id: int
    supplier: Member
    by: Actor
    rule: rules.RuleTerms
    fees: Sequence[Fees]
    categories: Mapping[str, Category]
    sets_stock: bool


def categories_by_name(cluster_id: int) -> dict[str, Category]:
    """The cluster's categories by code and by name in both languages."""
    rows = Category.objects.filter(cluster_id=cluster_id).order_by("-position", "-pk")
    return {folded(name): row for row in rows for name in (row.name_en, row.name_zh, row.code)}


class Chunk:
    """Some products of a file, written inside the caller's transaction."""

    def __init__(self, job: Job, parsed: Sequence[Parsed]) -> None:
        self.job, self.parsed = job, parsed
        self.tally, self.remarks = Tally(), Remarks()
        keys = [KEY + one.handle for one in parsed if one.product is not None]
        known = Offer.objects.select_for_update(no_key=True).filter(
            supplier=job.supplier, import_key__in=keys
        )
        self.offers = {offer.import_key: offer for offer in known.order_by("pk")}
        ids = [offer.pk for offer in self.offers.values()]
        self.variants: dict[int, list[Variant]] = defaultdict(list)
        for variant in Variant.objects.filter(offer_id__in=ids).order_by("pk"):
            self.variants[variant.offer_id].append(variant)
        self.pictures: dict[int, dict[str, Picture]] = defaultdict(dict)
        for picture in Picture.objects.filter(offer_id__in=ids).exclude(source_url=""):
            self.pictures[picture.offer_id][picture.source_url] = picture
        self.rules = newest_rules(ids)
        # Found outside the savepoints: a place that a refused product had made would be gone for the next one.
        counted = any(variant.count is not None for variant in _variants_of(parsed))
        self.place = places.first_place(job.supplier) if counted else None
        self.left = self._left(ids)

    def _left(self, offer_ids: Sequence[int]) -> dict[int, int]:
        if self.place is None or not offer_ids:
            return {}
        rows = Stock.objects.filter(
            cluster_id=self.job.supplier.cluster_id, place=self.place, variant__offer_id__in=offer_ids
        )
        return dict(rows.values_list("variant_id", "remaining"))

    def set_counts(self, counts: Mapping[int, int]) -> None:
        """Set what remains of these variants at the supplier's first place."""
        if counts and self.place is not None:
            stock.set_counts(counts, self.place)

    def write(self) -> None:
        for one in self.parsed:
            self._write(one)

    def _write(self, one: Parsed) -> None:
        for remark in one.remarks:
            self.remarks.add(remark)
        taken = one.product is not None and self._taken(one.product)
        self.tally.add(
            Tally(
                rows=one.rows,
                rows_variant=one.rows_variant if taken else 0,
                rows_picture=one.rows_picture if taken else 0,
                rows_refused=one.rows_refused + (0 if taken else one.rows_variant + one.rows_picture),
                rows_blank=one.rows_blank,
                offers_refused=int(not taken and not one.rows_blank),
            )
        )

    def _taken(self, product: Product) -> bool:
        """Write one product in its own savepoint: what goes wrong in it leaves no trace of it, and the others alone."""
        writer = _ProductWriter(self, product)
        try:
            with transaction.atomic():
                writer.write()
        except YunjuError as refusal:
            self.remarks.add(Remark(refusal.code, product.row, params=refusal.params))
            return False
        except (IntegrityError, DataError):
            log.exception(
                "product %s of import %s was refused by the database", product.handle, self.job.run_id
            )
            self.remarks.add(Remark("import.database", product.row))
            return False
        self.tally.add(writer.tally)
        for remark in writer.remarks:
            self.remarks.add(remark)
        return True


class _ProductWriter:
    """One product: makes its offer or changes what differs. Counts and remarks hold only when it succeeds."""

    def __init__(self, chunk: Chunk, product: Product) -> None:
        self.chunk, self.job, self.product = chunk, chunk.job, product
        self.tally = Tally()
        self.remarks: list[Remark] = []

    def _note(self, code: str, row: int, **params: str | int) -> None:
        self.remarks.append(Remark(code, row, fault=False, params=dict(params)))

    def write(self) -> None:
        offer = self.chunk.offers.get(KEY + self.product.handle)
        if offer is None:
            self._make()
        elif offer.closed_at is not None:
            self._note("import.offer_closed", self.product.row, title=offer.title)
            self.tally.offers_unchanged += 1
        else:
            self._compare(offer)

    def _values(self) -> dict[str, object]:
        """The offer's fields as the file has them. A type that is no category of the cluster is kept as a tag."""
        product = self.product
        category = self.job.categories.get(folded(product.type)) if product.type else None
        tags = list(product.tags)
        if product.type and category is None:
            self._note("import.category_unknown", product.row, type=product.type)
            tags += [product.type] if product.type not in tags else []
        return {
            "title": product.title,
            "body_html": product.body_html,
            "brand": product.brand,
            "tags": tags,
            "category_id": category.pk if category else None,
            "option_names": list(product.option_names),
        }

    # --- new -----------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        product, job = self.product, self.job
        rules.require_whole([variant.price_minor for variant in product.variants], job.rule, job.fees)
        offer = Offer(
            cluster_id=job.supplier.cluster_id,
            supplier=job.supplier,
            import_key=KEY + product.handle,
            created_at=clock.now(),
            listed_at=clock.now() if product.listed else None,
            **self._values(),
        )
        offer.search_text = _search_text(offer)
        offer.save(force_insert=True)
        pictures = self._pictures(offer, {})
        rows = self._new_variants(offer, product.variants, pictures)
        rules.write_rule(offer, job.rule, version=1, by=job.by)
        self.tally.offers_made += 1
        params = {
            "run": job.run_id,
            "variants": len(rows),
            "pieces": sum(one.count or 0 for one in product.variants),
        }
        events.note([events.Change(offer.pk, "offer.imported", params)], job.by)

    def _new_variants(
        self, offer: Offer, found: Sequence[ShopVariant], pictures: Mapping[str, Picture]
    ) -> list[Variant]:
        order = {one.row: position for position, one in enumerate(self.product.variants)}
        rows = Variant.objects.bulk_create(
            Variant(
                cluster_id=offer.cluster_id,
                offer=offer,
                title=_title(one),
                options=list(one.options),
                position=order[one.row],
                **_variant_values(one, pictures),
            )
            for one in found
        )
        counts = {row.pk: one.count for row, one in zip(rows, found, strict=True) if one.count is not None}
        self.chunk.set_counts(counts)
        self.tally.variants_made += len(rows)
        self.tally.stock_set += len(counts)
        return rows

    def _pictures(self, offer: Offer, known: dict[str, Picture]) -> dict[str, Picture]:
        """All pictures of the product by address; new ones are made, others get the file's words and place."""
        fresh = [
            Picture(offer=offer, source_url=one.url, alt=one.alt, position=one.position)
            for one in self.product.pictures
            if one.url not in known
        ]
        Picture.objects.bulk_create(fresh)
        self.tally.pictures_made += len(fresh)
        return known | {picture.source_url: picture for picture in fresh}

    # --- known ---------------------------------------------------------------------------------------------------

    def _compare(self, offer: Offer) -> None:
        product = self.product
        if len(offer.option_names) != len(product.option_names):
            raise Refused(
                "import.options_changed", before=len(offer.option_names), now=len(product.option_names)
            )
        before = self._counted()
        fields = _differing(offer, self._values(), _OFFER_COLUMNS, product.present)
        if fields:
            offer.search_text = _search_text(offer)
            offer.save(update_fields=[*fields, "search_text"])
        known = self.chunk.pictures[offer.pk]
        pictures = self._pictures(offer, known)
        self._changed_pictures(known)
        prices = self._variants(offer, pictures)
        if {"Status", "Published"} & product.present and product.listed != offer.on_shelf:
            self._note("import.status_kept", product.row, title=offer.title)
        if not fields and self._counted() == before:
            self.tally.offers_unchanged += 1
            return
        self.tally.offers_changed += 1
        params = {"run": self.job.run_id, "fields": fields, "prices": prices}
        events.note([events.Change(offer.pk, "offer.import_changed", params)], self.job.by)

    def _counted(self) -> tuple[int, ...]:
        tally = self.tally
        return (
            tally.variants_made,
            tally.variants_changed,
            tally.pictures_made,
            tally.pictures_changed,
            tally.stock_set,
        )

    def _changed_pictures(self, known: Mapping[str, Picture]) -> None:
        present, addresses = self.product.present, {one.url for one in self.product.pictures}
        for one in self.product.pictures:
            picture = known.get(one.url)
            if picture is None:
                continue
            values = {"alt": one.alt, "position": one.position}
            fields = _differing(
                picture, values, {"alt": "Image Alt Text", "position": "Image Position"}, present
            )
            if fields:
                picture.save(update_fields=fields)
                self.tally.pictures_changed += 1
        vanished = len(set(known) - addresses)
        if vanished and "Image Src" in present:
            self._note("import.pictures_vanished", self.product.row, count=vanished)

    def _variants(self, offer: Offer, pictures: Mapping[str, Picture]) -> dict[str, list[int]]:
        """Make, change and count the variants; returns the changed prices: variant id -> before and after."""
        rows = self.chunk.variants[offer.pk]
        open_rows = {tuple(row.options): row for row in rows if row.closed_at is None}
        closed = {tuple(row.options) for row in rows if row.closed_at is not None} - set(open_rows)
        self._lowest_price_stands(offer)
        fresh: list[ShopVariant] = []
        prices: dict[str, list[int]] = {}
        for position, one in enumerate(self.product.variants):
            row = open_rows.pop(one.options, None)
            if row is not None:
                self._change(row, one, position, pictures, prices)
            elif one.options in closed:
                self._note("import.variant_closed", one.row, title=_title(one))
            else:
                fresh.append(one)
        if fresh:
            self._new_variants(offer, fresh, pictures)
        for row in open_rows.values():
            self._note("import.variant_vanished", self.product.row, title=row.title or offer.title)
        return prices

    def _lowest_price_stands(self, offer: Offer) -> None:
        rule = self.chunk.rules.get(offer.pk)
        terms = rules.RuleTerms(shop_terms(rule), role_terms(rule))
        rules.require_whole([one.price_minor for one in self.product.variants], terms, self.job.fees)

    def _change(
        self,
        row: Variant,
        one: ShopVariant,
        position: int,
        pictures: Mapping[str, Picture],
        prices: dict[str, list[int]],
    ) -> None:
        before = row.price_minor
        fields = _differing(row, _variant_values(one, pictures), _VARIANT_COLUMNS, self.product.present)
        if row.position != position:
            row.position = position
            fields.append("position")
        if row.price_minor != before:
            prices[str(row.pk)] = [before, row.price_minor]
        if fields:
            row.save(update_fields=fields)
        if self._count(row, one) or fields:
            self.tally.variants_changed += 1
        else:
            self.tally.variants_unchanged += 1

    def _count(self, row: Variant, one: ShopVariant) -> bool:
        """Stock is set when it was never known, or when the import was asked to; otherwise sales go on from ours."""
        left = self.chunk.left.get(row.pk)
        if one.count is None or one.count == left:
            return False
        if left is not None and not self.job.sets_stock:
            self._note("import.stock_kept", one.row, kept=left, count=one.count)
            return False
        self.chunk.set_counts({row.pk: one.count})
        self.tally.stock_set += 1
        return True


def _variants_of(parsed: Sequence[Parsed]) -> Iterator[ShopVariant]:
    for one in parsed:
        if one.product is not None:
            yield from one.product.variants


def _title(one: ShopVariant) -> str:
    return " / ".join(one.options)[:200]


def _variant_values(one: ShopVariant, pictures: Mapping[str, Picture]) -> dict[str, object]:
    picture = pictures.get(one.picture_url)
    return {
        "sku": one.sku,
        "barcode": one.barcode,
        "price_minor": one.price_minor,
        "compare_at_minor": one.compare_at_minor,
        "weight_g": one.weight_g,
        "picture_id": picture.pk if picture else None,
    }


def _differing(
    row: Offer | Variant | Picture,
    values: Mapping[str, object],
    columns: Mapping[str, str],
    present: frozenset[str],
) -> list[str]:
    """Set the fields whose column the file has and whose value differs; returns their names."""
    changed = []
    for name, value in values.items():
        if columns[name] in present and getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return changed


def _search_text(offer: Offer) -> str:
    return search_text(offer.title, offer.brand, offer.tags, offer.body_html)
