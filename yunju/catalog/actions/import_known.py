"""Brings an offer that is known up to what a file says of it. What is gone from the file is told, never deleted."""

from collections.abc import Mapping
from dataclasses import dataclass

from yunju.catalog.actions import events, indexing, rules, stock
from yunju.catalog.actions.import_values import (
    OFFER_COLUMNS,
    VARIANT_COLUMNS,
    Done,
    Draft,
    Job,
    Was,
    differing,
    new_pictures,
    new_variant,
    offer_values,
    variant_title,
    variant_values,
)
from yunju.catalog.importing.pictures import SCHEME
from yunju.catalog.models import CommissionRule, Offer, Picture, Place, Variant
from yunju.catalog.queries import role_terms, shop_terms
from yunju.catalog.report import Remark
from yunju.catalog.shopify_product import ShopVariant
from yunju.kernel.errors import Refused, YunjuError


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an offer: read for a whole chunk at once. `left`: what remains of its variants at `place`."""

    offer: Offer
    variants: list[Variant]
    pictures: Mapping[str, Picture]
    rule: CommissionRule | None
    left: Mapping[int, int]
    place: Place | None


def change_offer(draft: Draft, held: Held, job: Job) -> None:
    """Change what differs. A draft that a rule refuses is marked before anything is written."""
    if held.offer.closed_at is not None:
        draft.note("import.offer_closed", draft.product.row, title=held.offer.title)
        draft.tally.offers_unchanged += 1
        return
    try:
        _check(draft, held, job)
    except YunjuError as refusal:
        draft.refusal = Remark(refusal.code, draft.product.row, params=refusal.params)
        return
    _Comparison(draft, held, job).run()


def _check(draft: Draft, held: Held, job: Job) -> None:
    before, now = len(held.offer.option_names), len(draft.product.option_names)
    if before != now:
        raise Refused("import.options_changed", before=before, now=now)
    terms = rules.RuleTerms(shop_terms(held.rule), role_terms(held.rule))
    rules.require_whole([one.price_minor for one in draft.product.variants], terms, job.fees)


class _Comparison:
    """One product against its offer."""

    def __init__(self, draft: Draft, held: Held, job: Job) -> None:
        self.draft, self.held, self.job = draft, held, job
        self.product, self.tally = draft.product, draft.tally
        self.prices: dict[str, list[int]] = {}
        self.was: Was = {
            "variants": {},
            "variants_made": [],
            "pictures": {},
            "pictures_made": [],
            "stock": {},
        }

    def run(self) -> None:
        offer, product = self.held.offer, self.product
        fields = differing(offer, offer_values(self.draft, self.job), OFFER_COLUMNS, product.present)
        self.was["offer"] = fields
        if fields:
            offer.save(update_fields=list(fields))
            indexing.index([offer])
        self._variants(self._pictures())
        if {"Status", "Published"} & product.present and product.listed != offer.on_shelf:
            self.draft.note("import.status_kept", product.row, title=offer.title)
        tally = self.tally
        touched = tally.variants_made + tally.variants_changed + tally.pictures_made + tally.pictures_changed
        if not fields and not touched:
            tally.offers_unchanged += 1
            return
        tally.offers_changed += 1
        self.draft.change = Done(offer.pk, is_new=False, was=self.was)
        params = {"run": self.job.run_id, "fields": list(fields), "prices": self.prices}
        events.note([events.Change(offer.pk, "offer.import_changed", params)], self.job.by)

    def _pictures(self) -> dict[str, Picture]:
        """All pictures of the product by address: new ones made, known ones given the file's words and place."""
        product, known = self.product, self.held.pictures
        fresh = new_pictures(self.held.offer, product, known, self.job)
        if fresh:
            Picture.objects.bulk_create(fresh)
            self.tally.pictures_made += len(fresh)
            self.was["pictures_made"] = [picture.pk for picture in fresh]
        for one in product.pictures:
            picture = known.get(one.url)
            values = {"alt": one.alt, "position": one.position}
            columns = {"alt": "Image Alt Text", "position": "Image Position"}
            if picture is not None and (fields := differing(picture, values, columns, product.present)):
                picture.save(update_fields=list(fields))
                self.was["pictures"][str(picture.pk)] = fields
                self.tally.pictures_changed += 1
        gone = set(known) - {one.url for one in product.pictures}
        vanished = sum(not url.startswith(SCHEME) for url in gone)  # what came along once need not come again
        if vanished and "Image Src" in product.present:
            self.draft.note("import.pictures_vanished", product.row, count=vanished)
        return dict(known) | {picture.source_url: picture for picture in fresh}

    def _variants(self, pictures: Mapping[str, Picture]) -> None:
        rows = self.held.variants
        open_rows = {tuple(row.options): row for row in rows if row.closed_at is None}
        closed = {tuple(row.options) for row in rows if row.closed_at is not None} - set(open_rows)
        fresh: list[tuple[int, ShopVariant]] = []
        for position, one in enumerate(self.product.variants):
            row = open_rows.pop(one.options, None)
            if row is not None:
                self._change(row, one, position, pictures)
            elif one.options in closed:
                self.draft.note("import.variant_closed", one.row, title=variant_title(one))
            else:
                fresh.append((position, one))
        self._make(fresh, pictures)
        for row in open_rows.values():
            self.draft.note(
                "import.variant_vanished", self.product.row, title=row.title or self.held.offer.title
            )

    def _make(self, fresh: list[tuple[int, ShopVariant]], pictures: Mapping[str, Picture]) -> None:
        if not fresh:
            return
        rows = Variant.objects.bulk_create(
            new_variant(self.held.offer, one, position, pictures) for position, one in fresh
        )
        counts = {
            row.pk: one.count for row, (_, one) in zip(rows, fresh, strict=True) if one.count is not None
        }
        self._set_counts(counts)
        self.tally.variants_made += len(rows)
        self.was["variants_made"] += [row.pk for row in rows]

    def _change(self, row: Variant, one: ShopVariant, position: int, pictures: Mapping[str, Picture]) -> None:
        before = row.price_minor
        fields = differing(row, variant_values(one, pictures), VARIANT_COLUMNS, self.product.present)
        if row.position != position:
            fields["position"] = [row.position, position]
            row.position = position
        if row.price_minor != before:
            self.prices[str(row.pk)] = [before, row.price_minor]
        if fields:
            row.save(update_fields=list(fields))
            self.was["variants"][str(row.pk)] = fields
        if self._count(row, one) or fields:
            self.tally.variants_changed += 1
        else:
            self.tally.variants_unchanged += 1

    def _count(self, row: Variant, one: ShopVariant) -> bool:
        """Stock is set when it was never known, or when the import was asked to; otherwise sales go on from ours."""
        left = self.held.left.get(row.pk)
        if one.count is None or one.count == left:
            return False
        if left is not None and not self.job.sets_stock:
            self.draft.note("import.stock_kept", one.row, kept=left, count=one.count)
            return False
        self._set_counts({row.pk: one.count})
        self.was["stock"][str(row.pk)] = [left or 0, one.count]
        return True

    def _set_counts(self, counts: Mapping[int, int]) -> None:
        if counts and self.held.place is not None:
            stock.set_counts(counts, self.held.place)
            self.tally.stock_set += len(counts)
