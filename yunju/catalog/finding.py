"""The shelf as people look through it: by words, filters, order and page; and what to suggest while they type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast

from yunju.catalog import search
from yunju.catalog.models import Category, FreightRule, Offer, Presale, ShelfEntry, Stock
from yunju.catalog.provinces import PROVINCES, normalised
from yunju.catalog.queries import matched, on_shelf
from yunju.kernel import clock, sql
from yunju.members.models import Member

PAGE = 24
COUNTED = 1_000
"""Hits are counted up to here: beyond, a page says `1,000+`, and nobody pays for the exact figure."""

RANKED = 2_000
"""Hits that are weighed for the best order: the hottest words have hundreds of thousands."""

NEW = timedelta(days=14)
SORTS = ("best", "new", "sold", "cheap", "dear")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "new": ("-listed_at", "-pk"),
    "sold": ("-shelf_entry__sold", "-shelf_entry__offer_id"),
    "cheap": ("shelf_entry__least_minor", "shelf_entry__offer_id"),
    "dear": ("-shelf_entry__least_minor", "-shelf_entry__offer_id"),
}
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
    """A page of the shelf with its suppliers and categories, in two statements; a page beyond the last is the last."""
    page = min(max(page, 1), -(-COUNTED // PAGE))
    if wanted.words and wanted.order == "best":
        return _ranked(cluster_id, wanted, page)
    hits = _beyond(_filtered(cluster_id, wanted), wanted.order, after)
    counted = hits.order_by()[: COUNTED + 1].count()
    total, pages = _pages(counted)
    page = min(page, pages)
    rows = list(_whole(hits).order_by(*_ORDERS[wanted.order])[(page - 1) * PAGE : min(page * PAGE, COUNTED)])
    more = counted > COUNTED and page == pages
    return Found(
        tuple(rows), page, pages, total, counted > COUNTED, _cursor(rows, wanted.order) if more else ""
    )


def best_sold(cluster_id: int, count: int) -> list[Offer]:
    """What sold best in the last 30 days and is in stock, best first."""
    hits = _filtered(cluster_id, Wanted(in_stock=True)).filter(shelf_entry__sold__gt=0)
    return list(_whole(hits).order_by(*_ORDERS["sold"])[:count])


def ids(cluster_id: int, words: str) -> list[int]:
    """All offers that words find, best first, as far as they are ranked."""
    asked = search.query(cluster_id, words)
    return [row[0] for row in _ranks(matched(on_shelf(cluster_id), asked), asked, 0, RANKED)] if asked else []


def near(cluster_id: int, words: str, count: int) -> list[Offer]:
    """What is like words that found nothing: some of them, or parts of them."""
    loose = search.near(cluster_id, words)
    return _in_rank(matched(on_shelf(cluster_id), loose), loose, 0, count)[0] if loose else []


def _filtered(cluster_id: int, wanted: Wanted) -> QuerySet[Offer]:
    hits = on_shelf(cluster_id).filter(
        shelf_entry__cluster_id=cluster_id
    )  # its indexes begin with the cluster
    category_id = _category(cluster_id, wanted.category)
    if wanted.words:
        asked = search.query(cluster_id, wanted.words, category_id=category_id, is_typing=wanted.is_typing)
        hits = matched(hits, asked) if asked else hits.none()
    elif category_id is not None:
        hits = hits.filter(category_id=category_id)
    if wanted.supplier_id is not None:
        hits = hits.filter(supplier_id=wanted.supplier_id)
    if wanted.least_minor is not None:
        hits = hits.filter(shelf_entry__most_minor__gte=wanted.least_minor)
    if wanted.most_minor is not None:
        hits = hits.filter(shelf_entry__least_minor__lte=wanted.most_minor)
    if wanted.province:
        hits = hits.filter(supplier__province__in=_spelled(cluster_id, wanted.province))
    return _narrowed(hits, wanted)


def _category(cluster_id: int, code: str) -> int | None:
    """The label's id: it stands in the index of words. One that is not there is 0, of which there is nothing."""
    if not code:
        return None
    found = Category.objects.filter(cluster_id=cluster_id, code=code).values_list("pk", flat=True)
    return found.first() or 0


def _narrowed(hits: QuerySet[Offer], wanted: Wanted) -> QuerySet[Offer]:
    if wanted.in_stock:
        left = Stock.objects.filter(
            variant__offer_id=OuterRef("pk"), variant__closed_at=None, place__closed_at=None, remaining__gt=0
        )
        hits = hits.filter(Exists(left))
    if wanted.new:
        hits = hits.filter(listed_at__gte=clock.now() - NEW)
    if wanted.free_freight:
        costs = FreightRule.objects.filter(supplier_id=OuterRef("supplier_id")).exclude(kind="free")
        hits = hits.filter(~Exists(costs))
    if wanted.presale:
        ahead = Presale.objects.filter(offer_id=OuterRef("pk"), ship_from__gt=clock.now().date())
        hits = hits.filter(Exists(ahead))
    return hits


def _whole(hits: QuerySet[Offer]) -> QuerySet[Offer]:
    """With what a card or a row shows; never the long description."""
    return hits.select_related("supplier", "category").defer("body_html")


def _ranked(cluster_id: int, wanted: Wanted, page: int) -> Found:
    asked = search.query(cluster_id, wanted.words, is_typing=wanted.is_typing)
    if asked is None:
        return Found((), 1, 1, 0)
    hits = _filtered(cluster_id, wanted)
    rows, counted = _in_rank(hits, asked, (page - 1) * PAGE, PAGE)
    if not rows and page > 1:
        last = min(_pages(_in_rank(hits, asked, 0, 1)[1])[1], page - 1)
        return _ranked(cluster_id, wanted, last)
    total, pages = _pages(counted)
    return Found(tuple(rows), page, pages, total, counted > COUNTED)


def _in_rank(hits: QuerySet[Offer], asked: search.Query, skip: int, count: int) -> tuple[list[Offer], int]:
    """Some offers in the order of their rank, and how many there are."""
    found = _ranks(hits, asked, skip, count)
    by_id = _whole(Offer.objects.all()).in_bulk([row[0] for row in found])
    return [by_id[row[0]] for row in found if row[0] in by_id], found[0][1] if found else 0


def _ranks(hits: QuerySet[Offer], asked: search.Query, skip: int, count: int) -> list[tuple[int, int]]:
    """Ids by rank, what sells better before its equals, each with the number of all.

    Ranked inside the first RANKED hits: PostgreSQL stops there, whatever a hot word would bring.
    """
    weighed = Cast(Value(asked.rank), SearchQueryField())
    inner = (
        hits.order_by()
        .annotate(rank=SearchRank(F("shelf_entry__words"), weighed), sold=F("shelf_entry__sold"))
        .values_list("pk", "rank", "sold")[:RANKED]
    )
    try:
        text, params = inner.query.sql_with_params()
    except EmptyResultSet:  # a province that nobody sends from: Django knows the answer without asking
        return []
    rows = sql.fetch(
        f"SELECT hit.id, count(*) OVER () FROM ({text}) AS hit (id, rank, sold)"  # noqa: S608 - the ORM's own text
        " ORDER BY hit.rank DESC, hit.sold DESC, hit.id DESC LIMIT %s OFFSET %s",
        [*params, count, skip],
    )
    return [(row[0], row[1]) for row in rows]


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


def _beyond(hits: QuerySet[Offer], order: str, after: str) -> QuerySet[Offer]:
    """What follows a cursor. The first condition repeats the second, so that an index begins where it should."""
    place, _, last = after.partition(".")
    if not (place.isascii() and place.isdigit() and last.isascii() and last.isdigit() and len(after) < 40):
        return hits
    at, pk = min(int(place), 2**62), min(int(last), 2**62)
    if order == "new":
        moment = _EPOCH + timedelta(microseconds=min(at, 10**16))
        return hits.filter(listed_at__lte=moment).filter(Q(listed_at__lt=moment) | Q(pk__lt=pk))
    field, way = ("sold", "lt") if order == "sold" else ("least_minor", "gt" if order == "cheap" else "lt")
    name = f"shelf_entry__{field}"
    on = Q(**{f"{name}__{way}": at}) | Q(**{f"shelf_entry__offer_id__{way}": pk})
    return hits.filter(**{f"{name}__{way}e": at}).filter(on)


def _cursor(rows: Sequence[Offer], order: str) -> str:
    if not rows:
        return ""
    last = rows[-1]
    if order == "new":
        return f"{((last.listed_at or _EPOCH) - _EPOCH) // timedelta(microseconds=1)}.{last.pk}"
    entry = ShelfEntry.objects.only("sold", "least_minor").get(pk=last.pk)
    return f"{entry.sold if order == 'sold' else entry.least_minor}.{last.pk}"


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
