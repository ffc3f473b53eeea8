"""Makes the offers of a chunk that are new, in a fixed number of statements whatever their number."""

from collections.abc import Mapping, Sequence

from yunju.catalog.actions import demands, events, indexing, rules, stock
from yunju.catalog.actions.import_values import (
    Done,
    Draft,
    Job,
    new_pictures,
    new_variant,
    offer_values,
)
from yunju.catalog.models import CommissionRule, Offer, Picture, Place, Variant
from yunju.catalog.report import Remark
from yunju.catalog.text import folded
from yunju.kernel import clock
from yunju.kernel.errors import YunjuError


def make_offers(drafts: Sequence[Draft], job: Job, place: Place | None) -> None:
    """Make all that no rule refuses; a refused draft is marked and nothing of it is written."""
    barred = _barred(drafts, job)
    kept = [draft for draft in drafts if _bearable(draft, job, barred)]
    offers = Offer.objects.bulk_create(_new_offer(draft, job) for draft in kept)
    indexing.index(offers)
    pairs = list(zip(kept, offers, strict=True))
    pictures: dict[int, dict[str, Picture]] = {offer.pk: {} for offer in offers}
    for picture in Picture.objects.bulk_create(
        picture for draft, offer in pairs for picture in new_pictures(offer, draft.product, {}, job)
    ):
        pictures[picture.offer_id][picture.source_url] = picture
    variants = Variant.objects.bulk_create(
        new_variant(offer, one, position, pictures[offer.pk])
        for draft, offer in pairs
        for position, one in enumerate(draft.product.variants)
    )
    _count(kept, variants, place)
    _commit_to_rules(offers, job)
    events.note([_told(draft, offer, job) for draft, offer in pairs], job.by)
    for draft, offer in pairs:
        draft.change = Done(offer.pk, is_new=True)


def _barred(drafts: Sequence[Draft], job: Job) -> dict[int, YunjuError]:
    """The categories of what would be listed whose licence the supplier lacks: each is asked once."""
    listed = {job.categories.get(folded(draft.product.type)) for draft in drafts if draft.product.listed}
    found: dict[int, YunjuError] = {}
    for category in sorted((one for one in listed if one is not None), key=lambda one: one.pk):
        try:
            demands.require(
                category_id=category.pk, supplier_id=job.supplier.pk, cluster_id=job.supplier.cluster_id
            )
        except YunjuError as refusal:
            found[category.pk] = refusal
    return found


def _bearable(draft: Draft, job: Job, barred: Mapping[int, YunjuError]) -> bool:
    category = job.categories.get(folded(draft.product.type))
    if draft.product.listed and category is not None and category.pk in barred:
        refusal = barred[category.pk]
        draft.refusal = Remark(refusal.code, draft.product.row, params=refusal.params)
        return False
    try:
        prices = [variant.price_minor for variant in draft.product.variants]
        rules.require_whole(prices, rules.RuleTerms(job.shop), job.fees)
    except YunjuError as refusal:
        draft.refusal = Remark(refusal.code, draft.product.row, params=refusal.params)
        return False
    return True


def _new_offer(draft: Draft, job: Job) -> Offer:
    moment = clock.now()
    return Offer(
        cluster_id=job.supplier.cluster_id,
        supplier=job.supplier,
        import_key=job.key + draft.product.handle,
        created_at=moment,
        listed_at=moment if draft.product.listed else None,
        **offer_values(draft, job),
    )


def _count(drafts: Sequence[Draft], variants: Sequence[Variant], place: Place | None) -> None:
    """Fill the tallies and set the first stock; `variants` stand in the order of the drafts' own."""
    rows = iter(variants)
    counts: dict[int, int] = {}
    for draft in drafts:
        known = {next(rows).pk: one.count for one in draft.product.variants}
        mine = {pk: count for pk, count in known.items() if count is not None}
        counts |= mine
        draft.tally.offers_made = 1
        draft.tally.variants_made = len(known)
        draft.tally.pictures_made = len(draft.product.pictures)
        draft.tally.stock_set = len(mine)
    if counts and place is not None:
        stock.set_counts(counts, place)


def _commit_to_rules(offers: Sequence[Offer], job: Job) -> None:
    CommissionRule.objects.bulk_create(
        CommissionRule(
            offer=offer,
            version=1,
            shop_bp=job.shop.bp,
            shop_floor_minor=job.shop.floor_minor,
            shop_cap_minor=job.shop.cap_minor,
            made_at=clock.now(),
            made_by=job.by.user_id,
        )
        for offer in offers
    )


def _told(draft: Draft, offer: Offer, job: Job) -> events.Change:
    pieces = sum(one.count or 0 for one in draft.product.variants)
    params = {"run": job.run_id, "variants": len(draft.product.variants), "pieces": pieces}
    return events.Change(offer.pk, "offer.imported", params)
