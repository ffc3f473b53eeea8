"""Goods by the hundred thousand, quickly: real words by Zipf's law, cut by the product's own code, written by COPY.

The words are those of rjieba's dictionary, found by trying pairs of the characters that GB 2312 lists first; the hottest
stands in most descriptions, which is harsher than a real market.
"""

import bisect
import itertools
import multiprocessing
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import psycopg
import rjieba
from django.db import transaction

from tests.factories.members import make_cluster, make_member
from yunju.catalog import search
from yunju.catalog.actions import indexing
from yunju.catalog.models import Category
from yunju.catalog.segments import SEG_VERSION
from yunju.kernel import clock, sql
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster, Member

VOCABULARY, TRIED = 5_000, 900_000
CHUNK = 2_000
TITLE_WORDS, BODY_WORDS = 7, 32
CATEGORIES, SUPPLIERS = 20, 200
PROVINCES = ("浙江", "江苏", "广东", "四川", "北京", "安徽", "福建", "新疆")


@cache
def vocabulary() -> tuple[str, ...]:
    """Words of two characters that the dictionary knows, always the same, in the order of their heat."""
    rows = [bytes([high, low]) for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
    chars = [row.decode("gb2312") for row in rows]
    dice = random.Random(7)  # noqa: S311 - the same words in every run
    tried = (dice.choice(chars) + dice.choice(chars) for _ in range(TRIED))
    return tuple(itertools.islice(dict.fromkeys(word for word in tried if rjieba.has_word(word)), VOCABULARY))


@cache
def _heat(count: int) -> tuple[float, ...]:
    return tuple(itertools.accumulate(1 / rank for rank in range(1, count + 1)))


def word(dice: random.Random) -> str:
    """One word by Zipf's law."""
    words = vocabulary()
    heat = _heat(len(words))
    return words[bisect.bisect(heat, dice.random() * heat[-1])]


@dataclass(frozen=True, slots=True)
class Goods:
    """A cluster with a full shelf. Ids of its offers are the whole numbers from `first` on."""

    cluster: Cluster
    categories: tuple[str, ...]
    suppliers: tuple[int, ...]
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class _Task:
    cluster_id: int
    first: int
    count: int
    suppliers: tuple[int, ...]
    categories: tuple[int, ...]
    places: tuple[int, ...]
    now: datetime


def make(count: int, *, whole: bool) -> Goods:
    """`count` offers; `whole`: each with a variant, stock and a commission, as a page needs it."""
    cluster = make_cluster()
    suppliers = [_supplier(cluster, n) for n in range(min(SUPPLIERS, count))]
    labels = [
        Category.objects.create(cluster=cluster, code=f"c{n}", name_zh=vocabulary()[n], name_en=f"Label {n}")
        for n in range(CATEGORIES)
    ]
    first = sql.fetch(
        "SELECT 1 + greatest((SELECT max(id) FROM catalog_offer), (SELECT max(id) FROM catalog_variant), 0)"
    )[0][0]
    places = _places(cluster, suppliers) if whole else ()
    ids = tuple(one.pk for one in suppliers)
    parts = [
        _Task(
            cluster.pk,
            first + at,
            min(CHUNK, count - at),
            ids,
            tuple(one.pk for one in labels),
            places,
            clock.now(),
        )
        for at in range(0, count, CHUNK)
    ]
    _write(parts)
    return Goods(cluster, tuple(one.code for one in labels), ids, first, count)


def _supplier(cluster: Cluster, n: int) -> Member:
    return make_member(
        cluster,
        capacities=("supplier",),
        province=PROVINCES[n % len(PROVINCES)],
        city="城",
        story="三个人的小窑。",
    )


def _places(cluster: Cluster, suppliers: Sequence[Member]) -> tuple[int, ...]:
    rows = sql.fetch(
        "INSERT INTO catalog_place (cluster_id, supplier_id, name, province, city, address, position)"
        " SELECT %s, s, '仓', '', '', '', 0 FROM unnest(%s::bigint[]) AS s RETURNING id",
        [cluster.pk, [one.pk for one in suppliers]],
    )
    return tuple(row[0] for row in rows)


OWNER = "YUNJU_BENCH_OWNER_URL"
TABLES = ("catalog_offer", "catalog_variant")
SEQUENCE = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT coalesce(max(id), 1) FROM {0}))"


def _write(parts: Sequence[_Task]) -> None:
    """As the owner, with the triggers asleep (what they would do is written here) and the big index made afterwards.

    In tests nobody is the owner: then the rows go in as the application, and the words after them.
    """
    if OWNER not in os.environ:
        return _write_few(parts)
    with psycopg.connect(os.environ[OWNER], autocommit=True) as owner:
        indexes = owner.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'shelf_entry_words%'"
        ).fetchall()
        _each(owner, "ALTER TABLE {} DISABLE TRIGGER USER")
        for name, _ in indexes:
            owner.execute(f"DROP INDEX {name}".encode())
        for rows in _made(parts):
            for (table, columns), lines in rows.items():
                _copy(owner, table, columns, lines)
        owner.execute("ANALYZE catalog_shelfentry")
        _set_fronts(parts)
        owner.execute("SET maintenance_work_mem = '512MB'")
        for _, made in indexes:
            owner.execute(made.encode())
        _each(owner, "ALTER TABLE {} ENABLE TRIGGER USER")
        _each(
            owner,
            "SELECT setval(pg_get_serial_sequence('{0}', 'id'), (SELECT coalesce(max(id), 1) FROM {0}))",
        )
        owner.execute("VACUUM ANALYZE")
        return None


def _set_fronts(parts: Sequence[_Task]) -> None:
    """As the product's loop does it, but all at once."""
    with transaction.atomic():
        sql.execute("SET LOCAL statement_timeout = 0")
        indexing.set_fronts(cluster_id=parts[0].cluster_id, most=sum(part.count for part in parts))


def _each(owner: psycopg.Connection, statement: str) -> None:
    for table in TABLES:
        owner.execute(statement.format(table).encode())


def _copy(connection: psycopg.Connection, table: str, columns: str, lines: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        copy.write(lines)


def _write_few(parts: Sequence[_Task]) -> None:
    """The triggers make the entries; their words are set afterwards."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as plain:
        for rows in map(_rows, parts):
            for (table, columns), lines in rows.items():
                if table == "catalog_shelfentry":
                    entries = [line.split("\t") for line in lines.splitlines()]
                    sold = [
                        (entry[2].replace("\\\\", "\\"), entry[3], entry[6], entry[0]) for entry in entries
                    ]
                    plain.cursor().executemany(
                        "UPDATE catalog_shelfentry SET words = %s::tsvector, seg_version = %s, sold = %s WHERE offer_id = %s",
                        sold,
                    )
                else:
                    _copy(plain, table, columns, lines)
    for table in TABLES:  # whoever may not set a sequence draws from it until it is beyond these
        last = parts[-1].first + parts[-1].count - 1
        while sql.fetch("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])[0][0] < last:
            pass


Rows = dict[tuple[str, str], str]


def _made(parts: Sequence[_Task]) -> Iterator[Rows]:
    if len(parts) < 4:
        yield from map(_rows, parts)
        return
    vocabulary()  # before the fork
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        yield from pool.imap(_rows, parts)


OFFERS = "id, cluster_id, supplier_id, code, mode, title, body_html, category_id, brand, tags, option_names, returnable, import_key, created_at, listed_at"
ENTRIES = (
    "offer_id, cluster_id, words, seg_version, least_minor, most_minor, sold, supplier_id, listed_at, front"
)
VARIANTS = "id, cluster_id, offer_id, code, title, options, sku, barcode, price_minor, weight_g, length_mm, width_mm, height_mm, position"
STOCK = "cluster_id, variant_id, place_id, received, reserved, sold, remaining"
RULES = "offer_id, version, shop_bp, shop_floor_minor, made_at"


def _rows(task: _Task) -> Rows:
    """The lines of one chunk, for COPY. Seeded by its first id: the same offers in every run."""
    dice = random.Random(task.first)  # noqa: S311
    found: dict[tuple[str, str], list[str]] = {}

    def put(table: str, columns: str, *values: object) -> None:
        found.setdefault((table, columns), []).append("\t".join(map(_cell, values)))

    for offer in range(task.first, task.first + task.count):
        title = "".join(word(dice) for _ in range(TITLE_WORDS))
        body = "".join(word(dice) for _ in range(BODY_WORDS))
        at = offer % len(task.suppliers)
        category = dice.randrange(len(task.categories))
        price = dice.choice((990, 2_500, 4_999, 9_999, 20_500)) + offer % 100
        put(
            "catalog_offer",
            OFFERS,
            offer,
            task.cluster_id,
            task.suppliers[at],
            public_code(),
            "ship",
            title,
            f"<p>{body}</p>",
            task.categories[category],
            "",
            "[]",
            "[]",
            "t",
            "",
            task.now,
            task.now - timedelta(seconds=offer),
        )
        labels = (vocabulary()[category], f"Label {category}")
        put(
            "catalog_shelfentry",
            ENTRIES,
            offer,
            task.cluster_id,
            search.vector(search.Texts(task.cluster_id, title, labels, body, task.categories[category])),
            SEG_VERSION,
            price,
            price,
            int(dice.paretovariate(1)) - 1,
            task.suppliers[at],
            task.now - timedelta(seconds=offer),
            0,
        )
        if task.places:
            put(
                "catalog_variant",
                VARIANTS,
                offer,
                task.cluster_id,
                offer,
                public_code(),
                "",
                "[]",
                "",
                "",
                price,
                500,
                0,
                0,
                0,
                0,
            )
            put("catalog_stock", STOCK, task.cluster_id, offer, task.places[at], 100, 0, 0, 100)
            put("catalog_commissionrule", RULES, offer, 1, 1_500, 0, task.now)
    return {key: "\n".join(lines) + "\n" for key, lines in found.items()}


def _cell(value: object) -> str:
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")
