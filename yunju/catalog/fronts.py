"""Looking up words on a big shelf, however many offers have them: in what sells best first, and only then further.

The index of words knows no order, so that PostgreSQL must visit every offer of a hot word to say which ones are the best.
Hence entries in front (`ShelfEntry.front`) have small indexes of their own. One statement looks in the narrowest front;
only when that holds no more hits than are counted, in the next; at last in the whole shelf. Each step visits a few
thousand entries at most, because whatever is hot was already found in plenty before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from yunju.catalog import search
from yunju.catalog.models import ShelfEntry
from yunju.kernel import sql

SIZES: Mapping[int, int] = {3: 5_000, 2: 25_000, 1: 125_000}
"""How many of a cluster's offers stand in each front; a wider one holds the narrower."""

SMALL = 10_000
"""A shelf of so many offers needs no fronts: it is searched whole."""

RANKED = 600
"""Hits that are weighed for the best order, those that sell best: the hottest words have hundreds of thousands."""

BIG = 1_000_000
"""The shelf for which the two ways to a further page are compared."""

ORDERS: Mapping[str, tuple[str, ...]] = {
    "new": ("-listed_at", "-pk"),
    "sold": ("-sold", "-pk"),
    "cheap": ("least_minor", "pk"),
    "dear": ("-least_minor", "-pk"),
}
_NAMES = "id, sold, least_minor, listed_at, words, front"
_STEP = (
    "{name} AS MATERIALIZED (SELECT id, sold, least_minor, listed_at"
    " FROM ({text}) AS x ({names}) WHERE {condition}{before})"
)
_COLUMNS = {"pk": "id", "sold": "sold", "least_minor": "least_minor", "listed_at": "listed_at"}


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of ids, and how many hits the front has where they were looked for; `front` 0: they are all there are."""

    ids: tuple[int, ...] = ()
    counted: int = 0
    front: int = 0

    @property
    def share(self) -> float:
        """About which part of the shelf are hits."""
        return max(self.counted, 1) / SIZES.get(self.front, BIG)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is wanted but words: the entries, and the statement that reads what fronts ask of them.

    The statement is empty where Django knows without asking that there is none: a province that nobody sends from.
    """

    cluster_id: int
    entries: QuerySet[ShelfEntry]
    text: str
    given: tuple[Any, ...]

    @classmethod
    def of(cls, cluster_id: int, entries: QuerySet[ShelfEntry]) -> "Shelf":
        """Django takes longer to write the statement than PostgreSQL to plan it: what can be kept is worth keeping."""
        columns = entries.order_by().values_list("pk", "sold", "least_minor", "listed_at", "words", "front")
        try:
            text, given = columns.query.sql_with_params()
        except EmptyResultSet:
            text, given = "", ()
        return cls(cluster_id, entries, text, given)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked up on which shelf. `enough`: with more hits than that a front needs no wider one."""

    shelf: Shelf
    query: search.Query
    enough: int


def best(asked: Asked, *, skip: int, count: int) -> Hits:
    """By rank, of equals what sells better and then the newer. More than RANKED: those are weighed that sell best."""
    tail = (
        "SELECT w.id, w.counted, w.front FROM (SELECT *, count(*) OVER () AS counted FROM hit"
        " ORDER BY sold DESC, id DESC LIMIT %s) AS w JOIN catalog_shelfentry AS e ON e.offer_id = w.id"
        " ORDER BY ts_rank(e.words, %s::tsquery) DESC, w.sold DESC, w.id DESC LIMIT %s OFFSET %s"
    )
    return _looked_up(asked, tail, [RANKED, asked.query.rank, count, skip])


def ordered(asked: Asked, order: str, *, skip: int, count: int) -> Hits:
    """By one of ORDERS, exactly. More than `enough` hits in a front tell that there are many, not which come first."""
    columns = "id, count(*) OVER (), front"
    tail = f"SELECT {columns} FROM hit ORDER BY {_order(order)} LIMIT %s OFFSET %s"  # noqa: S608 - names of ours
    hits = _looked_up(asked, tail, [count, skip])
    if hits.front == 0:
        return hits
    # Finding a hit by the index costs twice as much as passing an entry by.
    is_near = (skip + count) / hits.share < 2 * hits.share * BIG
    page = f"ORDER BY {_order(order)} LIMIT %s OFFSET %s"
    entries = f"SELECT id, sold, least_minor, listed_at FROM ({asked.shelf.text}) AS x ({_NAMES})"  # noqa: S608
    if is_near:  # written as a function no index of words can serve: each is looked at in the given order
        found = f"{entries} WHERE ts_match_vq(words, %s::tsquery) {page}"
    else:  # all of them, found by the index of words, whatever the planner expects
        hit = f"WITH hit AS MATERIALIZED ({entries} WHERE words @@ %s::tsquery)"
        found = f"{hit} SELECT id FROM hit {page}"  # noqa: S608
    rows = sql.fetch_kept(found, [*asked.shelf.given, asked.query.alone, count, skip])
    return Hits(tuple(row[0] for row in rows), hits.counted, hits.front)


def plain(shelf: Shelf, order: str, *, skip: int, count: int, most: int) -> Hits:
    """A page in one of ORDERS, whatever the words: the shelf's own indexes have these orders. `most` are counted."""
    if not shelf.text:
        return Hits()
    counted = f"SELECT count(*) FROM (SELECT FROM ({shelf.text}) AS x LIMIT %s) AS y"  # noqa: S608 - written by Django
    page = f"SELECT id FROM ({shelf.text}) AS x ({_NAMES}) ORDER BY {_order(order)} LIMIT %s OFFSET %s"  # noqa: S608
    rows = sql.fetch_kept(
        f"SELECT id, ({counted}) FROM ({page}) AS z",  # noqa: S608
        [*shelf.given, most, *shelf.given, count, skip],
    )
    return Hits(tuple(row[0] for row in rows), rows[0][1]) if rows else Hits()


def _order(order: str) -> str:
    return ", ".join(
        f"{_COLUMNS[name.lstrip('-')]}{' DESC' * name.startswith('-')}" for name in ORDERS[order]
    )


def _looked_up(asked: Asked, tail: str, last: list[Any]) -> Hits:
    """One statement: what is wanted beside words stands in it once for each front."""
    text, given = asked.shelf.text, asked.shelf.given
    if not text:
        return Hits()
    steps: list[str] = []
    found: list[str] = []
    params: list[Any] = []
    before = ""
    for front in (*SIZES, 0):
        condition, wanted = _at_front(asked, front) if front else _anywhere(asked)
        name, plenty = f"f{front}", f"(SELECT count(*) FROM f{front}) > {asked.enough:d}"  # noqa: S608 - numbers alone
        steps.append(_STEP.format(name=name, names=_NAMES, text=text, condition=condition, before=before))
        found.append(f"SELECT {front} AS front, {name}.* FROM {name}" + f" WHERE {plenty}" * (front > 0))  # noqa: S608
        params += [*given, *wanted]
        before += f" AND NOT {plenty}"
    rows = sql.fetch_kept(
        f"WITH {', '.join(steps)}, hit AS ({' UNION ALL '.join(found)}) {tail}", [*params, *last]
    )
    return Hits(tuple(row[0] for row in rows), rows[0][1], rows[0][2]) if rows else Hits()


def _at_front(asked: Asked, front: int) -> tuple[str, list[str]]:
    return f"words @@ %s::tsquery AND front >= {front}", [asked.query.match]


def _anywhere(asked: Asked) -> tuple[str, list[str]]:
    """The whole shelf. Where that is big the cluster is no word: the index would read that nearly every entry has it.

    A beginning costs as much as all words that begin so: when the words before it are rare, each of their entries is
    looked at instead. The planner does not know which query it will be, and takes the index whatever it expects.
    """
    own = f"FROM catalog_shelfentry WHERE cluster_id = {asked.shelf.cluster_id:d} AND front >="
    is_small = f"NOT EXISTS (SELECT {own} 1)"
    query = asked.query
    if not query.rest:
        wanted = f"CASE WHEN {is_small} THEN %s ELSE %s END"
        return f"words @@ ({wanted})::tsquery", [query.match, query.alone]
    narrow = max(SIZES)
    is_rare = f"(SELECT count(*) {own} {narrow} AND words @@ %s::tsquery) < {SIZES[narrow] // 100}"
    wanted = f"CASE WHEN {is_small} THEN %s WHEN {is_rare} THEN %s ELSE %s END"
    params = [query.match, query.rest, query.rest, query.alone, query.alone]
    return f"words @@ ({wanted})::tsquery AND ts_match_vq(words, %s::tsquery)", params
