"""Writes parsed products: what is new is made, what differs is changed, what is the same is left alone.

One chunk is one transaction. What it may meet is read before in a fixed number of queries. Its products are written
together in one savepoint; when the database refuses that, each is written again in a savepoint of its own, so that only
the guilty product is left out.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.db import DataError, IntegrityError, transaction
from django.db.models import Q, QuerySet

from yunju.catalog.actions import places
from yunju.catalog.actions.import_known import Held, change_offer
from yunju.catalog.actions.import_new import make_offers
from yunju.catalog.actions.import_values import Draft, Job
from yunju.catalog.models import Category, ImportChange, Offer, Picture, Stock, Variant
from yunju.catalog.queries import newest_rules
from yunju.catalog.report import Params, Remark, Remarks, Tally
from yunju.catalog.shopify import Parsed
from yunju.catalog.shopify_product import Product
from yunju.catalog.text import folded

log = logging.getLogger(__name__)


def categories_by_name(cluster_id: int) -> dict[str, Category]:
    """The cluster's categories by code and by name in both languages."""
    rows = Category.objects.filter(cluster_id=cluster_id).order_by("-position", "-pk")
    return {folded(name): row for row in rows for name in (row.name_en, row.name_zh, row.code)}


class Chunk:
    """Some products of a file, written inside the caller's transaction."""

    def __init__(self, job: Job, parsed: Sequence[Parsed]) -> None:
        self.job, self.parsed = job, parsed
        self.tally, self.remarks = Tally(), Remarks()
        self.found = [one.product for one in parsed if one.product is not None]
        # Found outside the savepoints: a place that a refused product had made would be gone for the next one.
        counted = any(variant.count is not None for product in self.found for variant in product.variants)
        self.place = places.first_place(job.supplier) if counted else None

    def write(self) -> None:
        held = self._known()
        fresh = [Draft(one) for one in self.found if one.handle not in held and not one.offer_code]
        known = [Draft(product) for product in self.found if product.handle in held]
        lost = [Draft(one) for one in self.found if one.handle not in held and one.offer_code]
        for draft in lost:
            params: Params = {"code": draft.product.offer_code[:40]}
            draft.refusal = Remark("import.offer_unknown", draft.product.row, params=params)
        done = lost + self._written(fresh, lambda drafts: make_offers(drafts, self.job, self.place))
        done += self._written(known, self._change_all)
        self._remember(done)
        self._account({draft.product.handle: draft for draft in done})

    def _remember(self, done: Sequence[Draft]) -> None:
        """What undoing will need; a run that is begun again has told its first part already."""
        changes = [draft.change for draft in done if draft.refusal is None and draft.change is not None]
        cluster_id = self.job.supplier.cluster_id
        ImportChange.objects.bulk_create(
            [
                ImportChange(
                    cluster_id=cluster_id,
                    run_id=self.job.run_id,
                    offer_id=one.offer_id,
                    is_new=one.is_new,
                    was=one.was,
                )
                for one in changes
            ],
            ignore_conflicts=True,
        )

    def _offers(self, products: Sequence[Product]) -> QuerySet[Offer]:
        """The supplier's offers that these products are: by our own code, or by the key of their format."""
        codes = [product.offer_code for product in products if product.offer_code]
        keys = [self.job.key + product.handle for product in products if not product.offer_code]
        own = Offer.objects.filter(supplier=self.job.supplier)
        return (
            own.filter(Q(import_key__in=keys) | Q(code__in=codes))
            if codes
            else own.filter(import_key__in=keys)
        )

    def _handles(self, offers: Iterable[Offer], products: Sequence[Product]) -> dict[str, Offer]:
        by_code = {product.offer_code: product.handle for product in products if product.offer_code}
        found = {}
        for offer in offers:
            found[by_code.get(offer.code) or offer.import_key.removeprefix(self.job.key)] = offer
        return found

    def _known(self) -> set[str]:
        rows = self._offers(self.found).only("pk", "code", "import_key")
        return set(self._handles(rows, self.found))

    def _held(self, products: Sequence[Product]) -> dict[str, Held]:
        """What is known of these products, by handle, in six queries; their offers are locked."""
        offers = list(self._offers(products).select_for_update(no_key=True).order_by("pk"))
        ids = [offer.pk for offer in offers]
        variants: dict[int, list[Variant]] = defaultdict(list)
        for variant in Variant.objects.filter(offer_id__in=ids).order_by("pk"):
            variants[variant.offer_id].append(variant)
        pictures: dict[int, dict[str, Picture]] = defaultdict(dict)
        for picture in Picture.objects.filter(offer_id__in=ids).exclude(source_url=""):
            pictures[picture.offer_id][picture.source_url] = picture
        rules, left = newest_rules(ids), self._left(ids)
        return {
            handle: Held(offer, variants[offer.pk], pictures[offer.pk], rules.get(offer.pk), left, self.place)
            for handle, offer in self._handles(offers, products).items()
        }

    def _left(self, offer_ids: Sequence[int]) -> dict[int, int]:
        if self.place is None:
            return {}
        cluster_id = self.job.supplier.cluster_id
        rows = Stock.objects.filter(cluster_id=cluster_id, place=self.place, variant__offer_id__in=offer_ids)
        return dict(rows.values_list("variant_id", "remaining"))

    def _change_all(self, drafts: Sequence[Draft]) -> None:
        """Read afresh on every try: the rows of a try that failed were changed in memory."""
        held = self._held([draft.product for draft in drafts])
        for draft in drafts:
            change_offer(draft, held[draft.product.handle], self.job)

    def _written(self, drafts: list[Draft], write: Callable[[Sequence[Draft]], None]) -> list[Draft]:
        """The drafts as they ended, written together or, when that fails, one by one."""
        if not drafts:
            return []
        try:
            with transaction.atomic():
                write(drafts)
        except (IntegrityError, DataError) as error:
            again = [draft.fresh() for draft in drafts]
            if len(again) > 1:
                return [ended for draft in again for ended in self._written([draft], write)]
            handle, row = again[0].product.handle, again[0].product.row
            log.exception("product %s of import %s was refused", handle, self.job.run_id, exc_info=error)
            again[0].refusal = Remark("import.database", row)
            return again
        return drafts

    def _account(self, done: dict[str, Draft]) -> None:
        """Add up what became of every row of the chunk, in the order of the file."""
        for one in self.parsed:
            draft = done[one.handle] if one.product is not None else None
            taken = draft is not None and draft.refusal is None
            told = [*one.remarks]
            if draft is not None:
                told += draft.remarks if draft.refusal is None else [draft.refusal]
            for remark in sorted(told, key=lambda remark: remark.row):
                self.remarks.add(remark)
            if draft is not None and taken:
                self.tally.add(draft.tally)
            self.tally.add(_rows(one, taken=taken))


def _rows(one: Parsed, *, taken: bool) -> Tally:
    return Tally(
        rows=one.rows,
        rows_variant=one.rows_variant if taken else 0,
        rows_picture=one.rows_picture if taken else 0,
        rows_refused=one.rows_refused + (0 if taken else one.rows_variant + one.rows_picture),
        rows_blank=one.rows_blank,
        offers_refused=int(not taken and not one.rows_blank),
    )
