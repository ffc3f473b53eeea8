"""The shelf as people look through it: by words, filters, order and page; and what to suggest while they type."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from yunju.catalog import fronts, search
from yunju.catalog.models import Category, FreightRule, Offer, Presale, ShelfEntry, Stock
from yunju.catalog.provinces import PROVINCES, normalised
from yunju.catalog.queries import on_shelf
from yunju.kernel import clock
from yunju.kernel.prepared import prepared
from yunju.members.models import Member
from yunju.members.queries import live_capacities
from yunju.members.words import CapacityKind

PAGE = 24
COUNTED = 240
"""Hits are counted up to here: beyond, a page says `240+`, and nobody pays for the exact figure."""

TYPED = 96
"""The same while somebody types: the words are not whole yet, and the next letter asks anew."""

NEW = timedelta(days=14)
SORTS = ("best", "new", "sold", "cheap", "dear")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `province`: where it is sent from, by its key. `supplier_id`: of one studio alone."""

    words: str = ""
    category: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    province: str = ""
    supplier_id: int | None = None
    in_stock: bool = False
    new: bool = False
    free_freight: bool = False
    presale: bool = False
    sort: str = ""
    is_typing: bool = False

    @property
    def order(self) -> str:
        """The order that holds: without words nothing matches best, the newest come first."""
        if self.sort in SORTS and (self.sort != "best" or self.words):
            return self.sort
        return "best" if self.words else "new"


@dataclass(frozen=True, slots=True)
class Found:
    """One page. `total` is at most COUNTED; `is_capped`: there are more. `after` leads beyond the last counted one."""

    offers: tuple[Offer, ...]
    page: int
    pages: int
    total: int
    is_capped: bool = False
    after: str = ""


def find(cluster_id: int, wanted: Wanted, *, page: int = 1, after: str = "") -> Found:
    """A page of the shelf with its suppliers and categories, in few statements; a page beyond the last is the last."""
    page = min(max(page, 1), -(-COUNTED // PAGE))
    shelf = _beyond(_shelf(cluster_id, wanted), wanted.order, after)
    if not wanted.words and not wanted.category:
        return _plain(shelf, wanted.order, page)
    query = _query(cluster_id, wanted)
    if query is None:
        return Found((), 1, 1, 0)
    most = TYPED if wanted.is_typing else COUNTED
    return _searched(fronts.Asked(shelf, query, most), wanted.order, page)


def best_sold(cluster_id: int, count: int) -> list[Offer]:
    """What sold best in the last 30 days and is in stock, best first."""
    entries = (
        _shelf(cluster_id, Wanted(in_stock=True)).entries.filter(sold__gt=0).order_by(*fronts.ORDERS["sold"])
    )
    return _offers(entries.values_list("pk", flat=True)[:count])


def ids(cluster_id: int, words: str) -> Sequence[int]:
    """All offers that words find, best first, as far as they are ranked."""
    asked = search.query(cluster_id, words)
    if asked is None:
        return ()
    whole = fronts.Asked(_shelf(cluster_id, Wanted()), asked, fronts.RANKED)
    return fronts.best(whole, skip=0, count=fronts.RANKED).ids


def near(cluster_id: int, words: str, count: int) -> list[Offer]:
    """What is like words that found nothing: some of them, or parts of them."""
    loose = search.near(cluster_id, words)
    if loose is None:
        return []
    asked = fronts.Asked(_shelf(cluster_id, Wanted()), loose, COUNTED)
    return _offers(fronts.best(asked, skip=0, count=count).ids)


def _plain(shelf: fronts.Shelf, order: str, page: int) -> Found:
    """The shelf without words: its own indexes have its orders."""
    skip = (page - 1) * PAGE
    hits = fronts.plain(shelf, order, skip=skip, count=min(PAGE, COUNTED - skip), most=COUNTED + 1)
    if not hits.ids and page > 1:
        first = fronts.plain(shelf, order, skip=0, count=1, most=COUNTED + 1)
        return _plain(shelf, order, min(_pages(first.counted)[1], page - 1))
    return _told(hits, order, page)


def _searched(asked: fronts.Asked, order: str, page: int) -> Found:
    """With words, or a category, which is one."""
    skip = (page - 1) * PAGE
    count = min(PAGE, COUNTED - skip)
    if order == "best":
        hits = fronts.best(asked, skip=skip, count=count)
    else:
        hits = fronts.ordered(asked, order, skip=skip, count=count)
    if not hits.ids and page > 1:
        first = fronts.best(asked, skip=0, count=1)
        return _searched(asked, order, min(_pages(first.counted)[1], page - 1))
    return _told(hits, order, page)


def _told(hits: fronts.Hits, order: str, page: int) -> Found:
    """What a front counted is not all there is, however few it took to look no further."""
    rows = _offers(hits.ids)
    total, pages = _pages(hits.counted)
    is_capped = hits.counted > COUNTED or hits.front > 0
    goes_on = is_capped and page == pages and order != "best"
    return Found(tuple(rows), page, pages, total, is_capped, _cursor(rows, order) if goes_on else "")


def _offers(ids: Iterable[int]) -> list[Offer]:
    """With what a card or a row shows, in the given order; never the long description."""
    order = list(ids)
    found = {one.pk: one for one in _rows.rows(ids=order)} if order else {}
    return [found[pk] for pk in order if pk in found]


@prepared(ids=list)
def _rows(ids: Collection[int]) -> QuerySet[Offer]:
    return Offer.objects.filter(id__among=ids).select_related("supplier", "category").defer("body_html")


def _query(cluster_id: int, wanted: Wanted) -> search.Query | None:
    category_id = _category(cluster_id, wanted.category)
    if not wanted.words:
        return search.standing(cluster_id, category_id or 0)
    return search.query(cluster_id, wanted.words, category_id=category_id, is_typing=wanted.is_typing)


def _shelf(cluster_id: int, wanted: Wanted) -> fronts.Shelf:
    """The shelf with all that is wanted but words and category; kept unless it depends on the day or on rows."""
    if wanted.new or wanted.presale or wanted.province:
        return fronts.Shelf.of(cluster_id, _fitting(cluster_id, wanted))
    return _same_shelf(cluster_id, replace(wanted, words="", category="", sort="", is_typing=False))


@lru_cache(maxsize=256)
def _same_shelf(cluster_id: int, wanted: Wanted) -> fronts.Shelf:
    """Statements, never rows: whoever reads this again asks the database anew."""
    return fronts.Shelf.of(cluster_id, _fitting(cluster_id, wanted))


def _fitting(cluster_id: int, wanted: Wanted) -> QuerySet[ShelfEntry]:
    """The shelf with all that is wanted but words and category."""
    entries = ShelfEntry.objects.filter(
        cluster_id=cluster_id, listed_at__isnull=False, supplier_id__in=_suppliers(cluster_id, wanted)
    )
    if wanted.supplier_id is not None:
        entries = entries.filter(offer__supplier_id=wanted.supplier_id)
    if wanted.least_minor is not None:
        entries = entries.filter(most_minor__gte=wanted.least_minor)
    if wanted.most_minor is not None:
        entries = entries.filter(least_minor__lte=wanted.most_minor)
    if wanted.in_stock:
        left = Stock.objects.filter(
            variant__offer_id=OuterRef("pk"), variant__closed_at=None, place__closed_at=None, remaining__gt=0
        )
        entries = entries.filter(Exists(left))
    if wanted.new:
        entries = entries.filter(listed_at__gte=clock.now() - NEW)
    if wanted.presale:
        ahead = Presale.objects.filter(offer_id=OuterRef("pk"), ship_from__gt=clock.now().date())
        entries = entries.filter(Exists(ahead))
    return entries


def _suppliers(cluster_id: int, wanted: Wanted) -> QuerySet[Any]:
    """Ids of those who may sell now, where what is wanted is sent from, and on what terms. Never kept: read each time."""
    live = Member.objects.filter(
        Exists(live_capacities(CapacityKind.SUPPLIER).filter(member_id=OuterRef("pk"))),
        cluster_id=cluster_id,
        closed_at=None,
    )
    if wanted.province:
        live = live.filter(province__in=_spelled(cluster_id, wanted.province))
    if wanted.free_freight:
        costs = FreightRule.objects.filter(supplier_id=OuterRef("pk")).exclude(kind="free")
        live = live.filter(~Exists(costs))
    return live.values("pk")


def _category(cluster_id: int, code: str) -> int | None:
    """The label's id: it stands in the index of words. One that is not there is 0, of which there is nothing."""
    if not code:
        return None
    found = Category.objects.filter(cluster_id=cluster_id, code=code).values_list("pk", flat=True)
    return found.first() or 0


def _pages(counted: int) -> tuple[int, int]:
    total = min(counted, COUNTED)
    return total, max(-(-total // PAGE), 1)


def _spelled(cluster_id: int, province: str) -> list[str]:
    """All the ways in which suppliers of the cluster wrote this province."""
    return [raw for raw in _raw_provinces(cluster_id) if normalised(raw) == province]


def _raw_provinces(cluster_id: int) -> list[str]:
    rows = Member.objects.filter(cluster_id=cluster_id, closed_at=None).exclude(province="").order_by()
    return list(rows.values_list("province", flat=True).distinct())


def provinces(cluster_id: int) -> list[str]:
    """The keys of the provinces that members are in, in the usual order: where goods may come from."""
    there = {normalised(raw) for raw in _raw_provinces(cluster_id)}
    return [one.key for one in PROVINCES if one.key in there]


def _beyond(shelf: fronts.Shelf, order: str, after: str) -> fronts.Shelf:
    """What follows a cursor. The first condition repeats the second, so that an index begins where it should."""
    place, _, last = after.partition(".")
    if order == "best" or not (
        place.isascii() and place.isdigit() and last.isascii() and last.isdigit() and len(after) < 40
    ):
        return shelf
    at, pk = min(int(place), 2**62), min(int(last), 2**62)
    return fronts.Shelf.of(shelf.cluster_id, _after(shelf.entries, order, at, pk))


def _after(entries: QuerySet[ShelfEntry], order: str, at: int, pk: int) -> QuerySet[ShelfEntry]:
    if order == "new":
        moment = _EPOCH + timedelta(microseconds=min(at, 10**16))
        return entries.filter(listed_at__lte=moment).filter(Q(listed_at__lt=moment) | Q(pk__lt=pk))
    field, way = ("sold", "lt") if order == "sold" else ("least_minor", "gt" if order == "cheap" else "lt")
    on = Q(**{f"{field}__{way}": at}) | Q(**{f"pk__{way}": pk})
    return entries.filter(**{f"{field}__{way}e": at}).filter(on)


def _cursor(rows: Sequence[Offer], order: str) -> str:
    if not rows:
        return ""
    entry = ShelfEntry.objects.only("sold", "least_minor", "listed_at").get(pk=rows[-1].pk)
    if order == "new":
        return f"{((entry.listed_at or _EPOCH) - _EPOCH) // timedelta(microseconds=1)}.{entry.pk}"
    return f"{entry.sold if order == 'sold' else entry.least_minor}.{entry.pk}"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the words typed so far may mean."""

    offers: tuple[Offer, ...] = ()
    categories: tuple[Category, ...] = ()
    studios: tuple[Member, ...] = ()


def suggest(cluster_id: int, words: str) -> Suggestions:
    """While somebody types: up to five offers, three categories, three studios. Three statements."""
    typed = search.folded(words)
    if not typed:
        return Suggestions()
    offers = find(cluster_id, replace(Wanted(), words=words, is_typing=True)).offers[:5]
    labels = Category.objects.filter(cluster_id=cluster_id).order_by("position", "pk")
    named = [one for one in labels if typed in search.folded(f"{one.name_zh}\n{one.name_en}")]
    studios = Member.objects.filter(
        Exists(on_shelf(cluster_id).filter(supplier_id=OuterRef("pk"))),
        cluster_id=cluster_id,
        name__icontains=typed[:60],
    )
    return Suggestions(offers, tuple(named[:3]), tuple(studios.order_by("name", "pk")[:3]))
