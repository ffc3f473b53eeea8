"""Many rows at once: prices, counts, titles, categories and places on the shelf in one edit, and back again.

An edit is whole: where one cell is wrong nothing is kept, and every wrong cell is told. The row of the edit holds each
value before and after; taking it back leaves alone what somebody changed since. Counts go back by what they changed,
since pieces may have been sold meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from yunju.catalog import policy
from yunju.catalog.actions import access, demands, events, indexing, rules, stock
from yunju.catalog.actions.checks import MOST_PRICE_MINOR, line
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import BulkEdit, Category, Offer, Place, Stock, Variant
from yunju.catalog.queries import newest_rules, role_terms, shop_terms
from yunju.catalog.terms import leaves_supplier_whole
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, InvalidMany, NotFound, Refused, YunjuError
from yunju.members import wording

MOST_CELLS = 2_000
OF_VARIANT, OF_OFFER = ("price", "count"), ("title", "category", "shelf")
Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Edit:
    """A cell: `price` (minor units) and `count` of a variant; `title`, `category` (code), `shelf` (bool) of an offer."""

    field: str
    code: str
    value: Value
    place_id: int | None = None

    @property
    def name(self) -> str:
        """Where a fault stands."""
        return f"{self.field}_{self.code}"


@dataclass(frozen=True, slots=True)
class Undone:
    """How many cells went back, and how many somebody had changed since."""

    restored: int
    left: int


@dataclass(slots=True)
class _Rows:
    """What an edit is about, under its locks."""

    offers: dict[int, Offer]
    variants: dict[str, Variant]
    by_code: dict[str, Offer]
    stock: dict[tuple[int, int], Stock]
    places: dict[int, Place]
    categories: dict[str, Category]


Changes = list[tuple[str, int, int | None, Any, Any]]
"""Field, id of variant or offer, place, before, after."""


def edit_many(*, supplier_id: int, edits: Sequence[Edit], by: Actor) -> BulkEdit | None:
    """Carry all cells out in one transaction; None when nothing differs. The number of statements does not grow.

    Raises InvalidMany with a fault at each wrong cell (`price_CODE`, ...); then nothing is changed.
    """
    if len(edits) > MOST_CELLS:
        raise Invalid("bulk.too_many", field="edits", most=MOST_CELLS)
    with transaction.atomic():
        supplier = access.supplier(supplier_id, by)
        if any(edit.field == "count" for edit in edits):
            policy.may_edit_stock(by, supplier_id)
        rows = _locked(supplier_id, edits, by.cluster_id)
        _check(edits, rows, by.cluster_id)
        changes = _changes(edits, rows)
        if not changes:
            return None
        _write(changes, rows)
        made = BulkEdit.objects.create(
            cluster_id=by.cluster_id,
            supplier=supplier,
            changes=changes,
            made_at=clock.now(),
            by_user_id=by.user_id,
        )
        _note("bulk.edited", made, changes, rows, by)
        return made


def _locked(supplier_id: int, edits: Sequence[Edit], cluster_id: int) -> _Rows:
    """Offers, then stock, each by id: the order of the house."""
    codes = {edit.code for edit in edits}
    mine = Offer.objects.filter(supplier_id=supplier_id, cluster_id=cluster_id, closed_at=None)
    of_variants = Variant.objects.filter(
        offer__supplier_id=supplier_id, cluster_id=cluster_id, code__in=codes, closed_at=None
    ).values_list("offer_id", flat=True)
    ids = {*mine.filter(code__in=codes).values_list("pk", flat=True), *of_variants}
    offers = {
        offer.pk: offer
        for offer in mine.filter(pk__in=ids).select_for_update(no_key=True, of=("self",)).order_by("pk")
    }
    variants = {
        variant.code: variant for variant in Variant.objects.filter(offer_id__in=offers, closed_at=None)
    }
    places = {edit.place_id for edit in edits if edit.place_id}
    counted = [variants[edit.code] for edit in edits if edit.field == "count" and edit.code in variants]
    known = Place.objects.filter(supplier_id=supplier_id, pk__in=places, closed_at=None).in_bulk()
    return _Rows(
        offers=offers,
        variants=variants,
        by_code={offer.code: offer for offer in offers.values()},
        stock=_stock(cluster_id, counted, known),
        places=known,
        categories={one.code: one for one in Category.objects.filter(cluster_id=cluster_id)},
    )


def _stock(
    cluster_id: int, variants: Sequence[Variant], places: Mapping[int, Place]
) -> dict[tuple[int, int], Stock]:
    ids = [variant.pk for variant in variants]
    Stock.objects.bulk_create(
        [Stock(cluster_id=cluster_id, variant_id=pk, place_id=place) for pk in ids for place in places],
        ignore_conflicts=True,
    )
    found = Stock.objects.filter(cluster_id=cluster_id, variant_id__in=ids, place_id__in=places)
    return {(row.variant_id, row.place_id): row for row in found.select_for_update().order_by("pk")}


def _check(edits: Sequence[Edit], rows: _Rows, cluster_id: int) -> None:
    faults = [fault for edit in edits if (fault := _fault(edit, rows)) is not None]
    faults += _price_faults(edits, rows, cluster_id)
    faults += _shelf_faults(edits, rows)
    faults += _word_faults(edits, cluster_id)
    if faults:
        raise InvalidMany(faults)


def _fault(edit: Edit, rows: _Rows) -> Invalid | None:
    """What is wrong with a cell by itself."""
    value, name = edit.value, edit.name
    is_known = edit.code in (rows.variants if edit.field in OF_VARIANT else rows.by_code)
    if edit.field not in OF_VARIANT + OF_OFFER or not is_known:
        return Invalid("bulk.unknown", field=name)
    if edit.field == "price" and not (type(value) is int and 1 <= value <= MOST_PRICE_MINOR):
        return Invalid("price.range", field=name, most_minor=MOST_PRICE_MINOR)
    if edit.field == "price" and _above_compared(rows.variants[edit.code], value):
        return Invalid("price.compare_at", field=name)
    if edit.field == "count":
        if edit.place_id not in rows.places:
            return Invalid("place.unknown", field=name)
        if not (type(value) is int and 0 <= value <= stock.MOST):
            return Invalid("stock.quantity", field=name, most=stock.MOST)
    if edit.field == "category" and value and value not in rows.categories:
        return Invalid("category.unknown", field=name)
    return _title_fault(edit) if edit.field == "title" else None


def _above_compared(variant: Variant, price: Value) -> bool:
    return variant.compare_at_minor is not None and int(price) >= variant.compare_at_minor


def _title_fault(edit: Edit) -> Invalid | None:
    try:
        return None if line(str(edit.value), edit.name, 200) else Invalid("offer.title", field=edit.name)
    except Invalid as fault:
        return fault


def _price_faults(edits: Sequence[Edit], rows: _Rows, cluster_id: int) -> list[Invalid]:
    """Prices so low that floors would take more than all of them."""
    priced = [
        (edit, rows.variants[edit.code])
        for edit in edits
        if edit.field == "price" and edit.code in rows.variants and type(edit.value) is int
    ]
    if not priced:
        return []
    held = newest_rules({variant.offer_id for _edit, variant in priced})
    fees = rules.fees_now_and_later(cluster_id)
    faults = []
    for edit, variant in priced:
        rule = held.get(variant.offer_id)
        own = RuleTerms(shop_terms(rule), role_terms(rule)).parts()
        if not all(leaves_supplier_whole(int(edit.value), [*own, fee.platform, fee.park]) for fee in fees):
            faults.append(Invalid(rules.TOO_MUCH, field=edit.name, price_minor=int(edit.value)))
    return faults


def _shelf_faults(edits: Sequence[Edit], rows: _Rows) -> list[Invalid]:
    """What may not stand on the shelf: nothing with a price in it, or a category without its licence."""
    categories = {edit.code: edit.value for edit in edits if edit.field == "category"}
    refusals: dict[int, YunjuError | None] = {}
    open_offers = {variant.offer_id for variant in rows.variants.values() if variant.price_minor >= 1}
    faults: list[Invalid] = []
    for code, offer in rows.by_code.items():
        wanted = next((e for e in edits if e.field == "shelf" and e.code == code), None)
        will_be = bool(wanted.value) if wanted else offer.on_shelf
        if not will_be or (wanted is None and code not in categories):
            continue
        place = f"shelf_{code}" if wanted else f"category_{code}"
        if wanted and offer.pk not in open_offers:
            faults.append(Invalid("offer.nothing_to_sell", field=place))
        category_id = _category_id(categories, code, offer, rows)
        if category_id and category_id not in refusals:
            refusals[category_id] = _licence_fault(category_id, offer)
        refused = refusals.get(category_id or 0)
        if refused is not None:
            faults.append(Invalid(refused.code, field=place, **refused.params))
    return faults


def _category_id(categories: Mapping[str, Value], code: str, offer: Offer, rows: _Rows) -> int | None:
    """The category that the offer will have: of a wrong code, none; that is told at its own cell."""
    if code not in categories:
        return offer.category_id
    found = rows.categories.get(str(categories[code]))
    return found.pk if found else None


def _licence_fault(category_id: int, offer: Offer) -> YunjuError | None:
    try:
        demands.require(category_id=category_id, supplier_id=offer.supplier_id, cluster_id=offer.cluster_id)
    except YunjuError as refused:
        return refused
    return None


def _word_faults(edits: Sequence[Edit], cluster_id: int) -> list[Invalid]:
    texts = {edit.name: str(edit.value) for edit in edits if edit.field == "title"}
    try:
        if texts:
            wording.refuse_forbidden(cluster_id=cluster_id, texts=texts)
    except InvalidMany as many:
        return list(many.faults)
    except Invalid as fault:
        return [fault]
    return []


def _changes(edits: Iterable[Edit], rows: _Rows) -> Changes:
    """What differs from what is there."""
    changes: Changes = []
    for edit in edits:
        if edit.field in OF_VARIANT:
            key, place = rows.variants[edit.code].pk, edit.place_id if edit.field == "count" else None
        else:
            key, place = rows.by_code[edit.code].pk, None
        value = line(str(edit.value), edit.name, 200) if edit.field == "title" else edit.value
        before = _held(edit.field, key, place, rows)
        if before != value:
            changes.append((edit.field, key, place, before, value))
    return changes


def _held(field: str, key: int, place: int | None, rows: _Rows) -> Value:
    if field == "price":
        return next(one.price_minor for one in rows.variants.values() if one.pk == key)
    if field == "count":
        return rows.stock[key, place or 0].remaining
    offer = rows.offers[key]
    if field == "title":
        return offer.title
    if field == "shelf":
        return offer.on_shelf
    return next((code for code, one in rows.categories.items() if one.pk == offer.category_id), "")


def _write(changes: Changes, rows: _Rows) -> None:
    """One statement a kind of cell."""
    prices = {key: after for field, key, _place, _before, after in changes if field == "price"}
    if prices:
        sql.execute(
            "UPDATE catalog_variant v SET price_minor = w.price"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, price) WHERE v.id = w.id",
            [list(prices), list(prices.values())],
        )
    _write_counts(changes, rows)
    touched: dict[int, Offer] = {}
    for field, key, _place, _before, after in changes:
        if field in OF_OFFER:
            touched[key] = rows.offers[key]
            _set(rows.offers[key], field, after, rows)
    if touched:
        fields = ["title", "category", "listed_at", "withdrawn_at"]
        Offer.objects.bulk_update(touched.values(), fields)
        indexing.index(list(touched.values()))


def _write_counts(changes: Changes, rows: _Rows) -> None:
    counts = [
        (rows.stock[key, place or 0].pk, after - before)
        for field, key, place, before, after in changes
        if field == "count"
    ]
    if counts:
        sql.execute(
            "UPDATE catalog_stock s SET remaining = s.remaining + w.change, received = s.received + w.change"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, change) WHERE s.id = w.id",
            [[pk for pk, _change in counts], [change for _pk, change in counts]],
        )


def _set(offer: Offer, field: str, value: Value, rows: _Rows) -> None:
    if field == "title":
        offer.title = str(value)
    elif field == "category":
        offer.category = rows.categories.get(str(value))
    elif value:
        offer.listed_at, offer.withdrawn_at = clock.now(), None
    else:
        offer.withdrawn_at = clock.now()


def _note(what: str, edit: BulkEdit, changes: Changes, rows: _Rows, by: Actor) -> None:
    """An event for each offer, with the old values."""
    offer_of = {variant.pk: variant.offer_id for variant in rows.variants.values()}
    told: dict[int, list[list[Any]]] = {}
    for field, key, place, before, after in changes:
        offer_id = offer_of[key] if field in OF_VARIANT else key
        told.setdefault(offer_id, []).append([field, key, place, before, after])
    events.note(
        [events.Change(pk, what, {"edit": edit.code, "changes": cells}) for pk, cells in told.items()], by
    )


def undo(*, supplier_id: int, code: str, by: Actor) -> Undone:
    """Take an edit back, once: the newest of the supplier. Raises Refused `bulk.undone`, `bulk.not_newest`."""
    with transaction.atomic():
        access.supplier(supplier_id, by)
        held = BulkEdit.objects.select_for_update().filter(supplier_id=supplier_id, code=code).first()
        if held is None:
            raise NotFound("bulk.unknown")
        if held.undone_at is not None:
            raise Refused("bulk.undone")
        newest = BulkEdit.objects.filter(supplier_id=supplier_id, undone_at=None).order_by("-pk").first()
        if newest is not None and newest.pk != held.pk:
            raise Refused("bulk.not_newest")
        edits = _back(held)
        rows = _locked(supplier_id, edits, by.cluster_id)
        changes = _allowed(_undoing(held, rows), rows, by.cluster_id)
        _write(changes, rows)
        held.undone_at = clock.now()
        held.save(update_fields=["undone_at"])
        if changes:
            _note("bulk.undone", held, changes, rows, by)
        return Undone(len(changes), len(held.changes) - len(changes))


def _back(held: BulkEdit) -> list[Edit]:
    """The cells of an edit by their codes, so that they are locked as an edit locks them."""
    variants = Variant.objects.in_bulk({key for field, key, *_rest in held.changes if field in OF_VARIANT})
    offers = Offer.objects.in_bulk({key for field, key, *_rest in held.changes if field in OF_OFFER})
    found = []
    for field, key, place, before, _after in held.changes:
        row = (variants if field in OF_VARIANT else offers).get(key)
        if row is not None:
            found.append(Edit(field, row.code, before, place))
    return found


def _allowed(changes: Changes, rows: _Rows, cluster_id: int) -> Changes:
    """Without what rules and licences no longer let stand as it was."""
    codes = {one.pk: code for code, one in rows.variants.items()}
    codes_of_offers = {one.pk: code for code, one in rows.by_code.items()}
    edits = [
        Edit(field, (codes if field in OF_VARIANT else codes_of_offers)[key], after, place)
        for field, key, place, _before, after in changes
    ]
    wrong = {fault.field for fault in [*_price_faults(edits, rows, cluster_id), *_shelf_faults(edits, rows)]}
    return [change for change, edit in zip(changes, edits, strict=True) if edit.name not in wrong]


def _undoing(held: BulkEdit, rows: _Rows) -> Changes:
    """What still stands as the edit left it; counts by their difference, as far as so many pieces are left."""
    variants = {variant.pk for variant in rows.variants.values()}
    changes: Changes = []
    for field, key, place, before, after in held.changes:
        if key not in (variants if field in OF_VARIANT else rows.offers):
            continue
        if field == "count":
            row = rows.stock.get((key, place))
            if row is not None and 0 <= row.remaining + before - after <= stock.MOST:
                changes.append((field, key, place, row.remaining, row.remaining + before - after))
        elif _held(field, key, place, rows) == after:
            changes.append((field, key, place, after, before))
    return changes
