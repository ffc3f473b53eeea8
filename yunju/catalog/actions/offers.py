"""Offers and variants by their supplier's hand: make, edit, price, list, withdraw, close. Each change leaves an event."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from yunju.catalog import policy
from yunju.catalog.actions import access, demands, events, indexing, places, rules, stock
from yunju.catalog.actions.checks import (
    OfferFields,
    VariantFields,
    checked_offer,
    checked_price,
    checked_variant,
)
from yunju.catalog.actions.rules import NO_COMMISSION, RuleTerms
from yunju.catalog.models import Category, Offer, Variant
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused

__all__ = ["NewOffer", "OfferFields", "VariantFields"]
MOST_VARIANTS = 2_000


@dataclass(frozen=True, slots=True)
class NewOffer:
    """All that an offer begins with. `counts`: pieces of each variant at the supplier's first place."""

    fields: OfferFields
    variants: tuple[VariantFields, ...]
    rule: RuleTerms = NO_COMMISSION
    counts: tuple[int, ...] = ()
    listed: bool = False


def make_offer(*, supplier_id: int, new: NewOffer, by: Actor) -> Offer:
    """An offer with its variants, its first commission rule and its first stock."""
    fields = checked_offer(new.fields)
    variants = [checked_variant(variant, len(fields.option_names)) for variant in new.variants]
    _check_variants(variants, new.counts)
    rules.check_terms(new.rule, by.cluster_id)
    with transaction.atomic():
        supplier = access.supplier(supplier_id, by)
        rules.require_may_set(supplier_id, new.rule, by)
        if new.listed:
            _require_licences(_category(fields.category, by.cluster_id), supplier.pk)
        fees = rules.fees_now_and_later(by.cluster_id)
        rules.require_whole([variant.price_minor for variant in variants], new.rule, fees)
        offer = Offer.objects.create(
            cluster_id=by.cluster_id,
            supplier=supplier,
            created_at=clock.now(),
            listed_at=clock.now() if new.listed else None,
            **_columns(fields, by.cluster_id),
        )
        indexing.index([offer])
        rows = _write_variants(offer, variants)
        rules.write_rule(offer, new.rule, version=1, by=by)
        if any(new.counts):
            counts = {row.pk: count for row, count in zip(rows, new.counts, strict=True)}
            stock.set_counts(counts, places.first_place(supplier))
        params = {"variants": len(rows), "pieces": sum(new.counts), "listed": new.listed}
        events.note([events.Change(offer.pk, "offer.made", params)], by)
        return offer


def _check_variants(variants: Sequence[VariantFields], counts: Sequence[int]) -> None:
    if not 1 <= len(variants) <= MOST_VARIANTS:
        raise Invalid("offer.variants", field="variants", most=MOST_VARIANTS)
    if len({variant.options for variant in variants}) != len(variants):
        raise Invalid("variant.twice", field="variants")
    if counts and len(counts) != len(variants):
        raise Invalid("stock.quantity", field="counts", most=stock.MOST)
    if any(type(count) is not int or not 0 <= count <= stock.MOST for count in counts):
        raise Invalid("stock.quantity", field="counts", most=stock.MOST)


def _columns(fields: OfferFields, cluster_id: int) -> dict[str, object]:
    return {
        "mode": fields.mode,
        "title": fields.title,
        "body_html": fields.body_html,
        "category": _category(fields.category, cluster_id),
        "brand": fields.brand,
        "tags": list(fields.tags),
        "option_names": list(fields.option_names),
        "returnable": fields.returnable,
        "after_sale_days": fields.after_sale_days,
    }


def _require_licences(category: Category | None, supplier_id: int) -> None:
    """What a category demands of those who sell in it, before anything of theirs is seen there."""
    if category is not None:
        demands.require(category_id=category.pk, supplier_id=supplier_id, cluster_id=category.cluster_id)


def _category(code: str, cluster_id: int) -> Category | None:
    if not code:
        return None
    category = Category.objects.filter(cluster_id=cluster_id, code=code).first()
    if category is None:
        raise Invalid("category.unknown", field="category")
    return category


def _write_variants(offer: Offer, variants: Sequence[VariantFields]) -> list[Variant]:
    return Variant.objects.bulk_create(
        Variant(cluster_id=offer.cluster_id, offer=offer, position=position, **variant_columns(variant))
        for position, variant in enumerate(variants)
    )


def variant_columns(fields: VariantFields) -> dict[str, object]:
    return {
        "title": " / ".join(fields.options)[:200],
        "options": list(fields.options),
        "sku": fields.sku,
        "barcode": fields.barcode,
        "price_minor": fields.price_minor,
        "compare_at_minor": fields.compare_at_minor,
        "weight_g": fields.weight_g,
        "length_mm": fields.length_mm,
        "width_mm": fields.width_mm,
        "height_mm": fields.height_mm,
    }


def edit_offer(*, offer_id: int, fields: OfferFields, by: Actor) -> Offer:
    """Replace what an offer says. Its option names stay: its variants are told apart by them."""
    kept = checked_offer(fields)
    with transaction.atomic():
        offer = access.own_offer(offer_id, by)
        if list(kept.option_names) != offer.option_names:
            raise Refused("offer.options_fixed")
        changed = []
        for column, value in _columns(kept, by.cluster_id).items():
            if getattr(offer, column) != value:
                setattr(offer, column, value)
                changed.append(column)
        if "category" in changed and offer.on_shelf:
            _require_licences(offer.category, offer.supplier_id)
        if changed:
            offer.save(update_fields=changed)
            indexing.index([offer])
            events.note(
                [events.Change(offer.pk, "offer.changed", {"fields": sorted(changed)})],
                by,
            )
        return offer


def add_variant(*, offer_id: int, fields: VariantFields, by: Actor) -> Variant:
    """One more variant of an offer, with other option values than the open ones."""
    try:
        with transaction.atomic():
            offer = access.own_offer(offer_id, by)
            kept = checked_variant(fields, len(offer.option_names))
            rules.require_price_whole(offer, kept.price_minor)
            count = offer.variants.count()
            if count >= MOST_VARIANTS:
                raise Invalid("offer.variants", field="variants", most=MOST_VARIANTS)
            variant = Variant.objects.create(
                cluster_id=offer.cluster_id, offer=offer, position=count, **variant_columns(kept)
            )
            events.note([events.Change(offer.pk, "variant.made", {"variant": variant.pk})], by)
            return variant
    except IntegrityError as error:
        raise Invalid("variant.twice", field="options") from error


def set_price(
    *, variant_id: int, price_minor: int, compare_at_minor: int | None = None, by: Actor
) -> Variant:
    """The supplier's price, the same in every shop from now on; orders placed keep theirs."""
    checked_price(price_minor, compare_at_minor)
    with transaction.atomic():
        variant = access.own_variant(variant_id, by)
        rules.require_price_whole(variant.offer, price_minor)
        before = variant.price_minor
        if (before, variant.compare_at_minor) == (price_minor, compare_at_minor):
            return variant
        variant.price_minor, variant.compare_at_minor = price_minor, compare_at_minor
        variant.save(update_fields=["price_minor", "compare_at_minor"])
        params = {"variant": variant.pk, "from_minor": before, "to_minor": price_minor}
        events.note([events.Change(variant.offer_id, "price.set", params)], by)
        return variant


def close_variant(*, variant_id: int, by: Actor) -> None:
    """No longer sold; orders that have it go on."""
    with transaction.atomic():
        variant = access.own_variant(variant_id, by)
        others = Variant.objects.filter(offer=variant.offer, closed_at=None).exclude(pk=variant.pk)
        if variant.offer.on_shelf and not others.exists():
            raise Refused("offer.last_variant")
        variant.closed_at = clock.now()
        variant.save(update_fields=["closed_at"])
        events.note([events.Change(variant.offer_id, "variant.closed", {"variant": variant.pk})], by)


def list_offer(*, offer_id: int, by: Actor) -> Offer:
    """Put it on the shelf, where every shop may pick it. It shows once the operator has admitted its supplier."""
    with transaction.atomic():
        offer = access.own_offer(offer_id, by)
        if offer.on_shelf:
            return offer
        if not offer.variants.filter(closed_at=None, price_minor__gte=1).exists():
            raise Refused("offer.nothing_to_sell")
        _require_licences(offer.category, offer.supplier_id)
        offer.listed_at, offer.withdrawn_at = clock.now(), None
        offer.save(update_fields=["listed_at", "withdrawn_at"])
        events.note([events.Change(offer.pk, "offer.listed")], by)
        return offer


def withdraw_offer(*, offer_id: int, by: Actor) -> Offer:
    """Off the shelf and out of every shop at once: they read this row. The operator may do it too."""
    with transaction.atomic():
        offer = access.locked_offer(offer_id, by)
        policy.may_withdraw(by, offer.supplier_id)
        if not offer.on_shelf:
            return offer
        offer.withdrawn_at = clock.now()
        offer.save(update_fields=["withdrawn_at"])
        events.note([events.Change(offer.pk, "offer.withdrawn")], by)
        return offer


def close_offer(*, offer_id: int, by: Actor) -> None:
    """For good. Nothing is deleted: orders and their shares name it."""
    with transaction.atomic():
        offer = access.own_offer(offer_id, by)
        offer.closed_at = clock.now()
        offer.save(update_fields=["closed_at"])
        events.note([events.Change(offer.pk, "offer.closed")], by)
