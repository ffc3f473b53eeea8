"""Counting looks at shops behind the pages: a page notes a look in memory, a thread writes what was noted.

The page of a shop is the hottest there is, and a row a look would make its counter the place where all wait. So a look
costs a page one lock and one entry in a dictionary (about 20 microseconds), and never a statement. Every few seconds a
thread of the process writes all of it: one statement that resolves the codes, one that adds the counts, one that adds the
visitors. What stands in memory when a process is killed is lost: some seconds of a figure that is no money.

Whether a look counts is decided when it is written, for many at once: the shop must be open, must list the offer, and must
not be kept by the person who looked.
"""

import hashlib
import logging
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Count

from yunju.catalog.models import Offer
from yunju.kernel import clock, sql
from yunju.shops.models import Shop, ShopDay, ShopVisitor
from yunju.shops.models.looks import PAGE_OF_SHOP
from yunju.shops.queries import lists

log = logging.getLogger(__name__)
EVERY_SECONDS = 3.0
MOST_NOTED = 20_000
"""Different looks that wait in memory; a flood beyond is not counted rather than kept."""

DAYS_OF_HASHES, FOLDED_AT_ONCE = 2, 500
_MACHINES = re.compile(
    r"bot|spider|crawl|slurp|preview|facebookexternalhit|headless|monitor|curl|wget|python|java/|go-http|okhttp|axios",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Look:
    """One page that somebody opened. `shop` is an id or, on the shop's own page, its code; `offer` a code or empty.

    `browser` tells one browser from another; `keeps` are the members whose shops the person keeps.
    """

    shop: int | str
    offer: str
    source: str
    browser: str
    keeps: tuple[int, ...] = ()


Noted = tuple[Look, datetime]
"""A look and the quarter of an hour it fell into: every time zone's day begins with one."""


def is_person(headers: Mapping[str, str]) -> bool:
    """False for programs, link previews and pages that a browser fetches ahead of a tap that may never come."""
    agent = headers.get("User-Agent", "")
    if not agent or _MACHINES.search(agent):
        return False
    ahead = f"{headers.get('Sec-Purpose', '')} {headers.get('Purpose', '')} {headers.get('X-Moz', '')}"
    return "prefetch" not in ahead.lower() and "prerender" not in ahead.lower()


class Notebook:
    """Looks of this process that are not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: Counter[Noted] = Counter()
        self._thread: threading.Thread | None = None

    def note(self, look: Look, at: datetime) -> None:
        """Remember one look, and about when it was: the day is that of the look, not of the writing."""
        key = (look, at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
        with self._lock:
            if key in self._noted or len(self._noted) < MOST_NOTED:
                self._noted[key] += 1

    def write(self) -> int:
        """Write what was noted; how many looks counted. What cannot be written is kept for the next time."""
        with self._lock:
            taken, self._noted = self._noted, Counter()
        if not taken:
            return 0
        try:
            return _write(taken)
        except DatabaseError:
            with self._lock:
                for key, count in taken.items():
                    if key in self._noted or len(self._noted) < MOST_NOTED:
                        self._noted[key] += count
            raise

    def start(self) -> None:
        """Write from now on every few seconds, in a thread that ends with its process."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._go_on, name="looks", daemon=True)
                self._thread.start()

    def _go_on(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS):
            try:
                close_old_connections()
                self.write()
            except DatabaseError as error:
                log.warning("looks at shops wait, the database does not take them: %s", error)
            finally:
                connection.close()


noted = Notebook()


@dataclass(frozen=True, slots=True)
class _Counted:
    cluster_id: int
    shop_id: int
    day: str
    offer_id: int
    source: str
    browser: str
    views: int


def _write(taken: Mapping[Noted, int]) -> int:
    counted = _that_count(taken)
    views: Counter[tuple[int, int, str, int, str]] = Counter()
    for one in counted:
        views[(one.cluster_id, one.shop_id, one.day, one.offer_id, one.source)] += one.views
    seen = {(one.cluster_id, one.shop_id, one.day, _visitor(one)) for one in counted if one.browser}
    _add(sorted((*key, count) for key, count in views.items()), sorted(seen))
    return sum(views.values())


def _that_count(taken: Mapping[Noted, int]) -> list[_Counted]:
    """Three statements for any number of looks and clusters."""
    looks = [look for look, _ in taken]
    ids = {look.shop for look in looks if isinstance(look.shop, int)}
    codes = {look.shop for look in looks if isinstance(look.shop, str)}
    is_open = Shop.objects.filter(closed_at=None, member__closed_at=None).select_related("cluster")
    rows = list(is_open.filter(pk__in=ids)) + list(is_open.filter(code__in=codes))
    by_name: dict[int | str, Shop] = {name: shop for shop in rows for name in (shop.pk, shop.code)}
    offers = dict(
        Offer.objects.filter(code__in={look.offer for look in looks if look.offer}).values_list("code", "pk")
    )
    found = [
        (shop, offers.get(look.offer, PAGE_OF_SHOP), look, at, count)
        for (look, at), count in taken.items()
        if (shop := by_name.get(look.shop)) is not None
        and shop.member_id not in look.keeps
        and (not look.offer or look.offer in offers)
    ]
    listed: set[tuple[int, int]] = set()
    for cluster_id in {shop.cluster_id for shop, *_ in found}:
        pairs = {(shop.pk, offer) for shop, offer, *_ in found if offer and shop.cluster_id == cluster_id}
        listed |= lists(cluster_id, pairs)
    return [
        _Counted(shop.cluster_id, shop.pk, _day(shop, at), offer, look.source, look.browser, count)
        for shop, offer, look, at, count in found
        if not offer or (shop.pk, offer) in listed
    ]


def _day(shop: Shop, at: datetime) -> str:
    return clock.local_day(at, shop.cluster.timezone).isoformat()


def _visitor(one: _Counted) -> str:
    return hashlib.sha256(f"{one.shop_id}:{one.day}:{one.browser}".encode()).hexdigest()[:32]


_COUNT = """
INSERT INTO shops_viewcount (cluster_id, shop_id, day, offer_id, source, views)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::bigint[], %s::text[], %s::int[])
ON CONFLICT ON CONSTRAINT view_count_once DO UPDATE SET views = shops_viewcount.views + excluded.views
"""
_SEE = """
INSERT INTO shops_shopvisitor (cluster_id, shop_id, day, visitor)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::text[])
ON CONFLICT ON CONSTRAINT shop_visitor_once DO NOTHING
"""


def _add(views: list[tuple[int, int, str, int, str, int]], seen: list[tuple[int, int, str, str]]) -> None:
    """Both or none, each sorted by key, so that two processes never wait for each other in a ring."""
    with transaction.atomic():
        if views:
            sql.execute(_COUNT, [list(column) for column in zip(*views, strict=True)])
        if seen:
            sql.execute(_SEE, [list(column) for column in zip(*seen, strict=True)])


def fold() -> int:
    """Days that are over everywhere: a number stays of their visitors, the hashes go. One batch; how many days it did."""
    ended = (clock.now() - timedelta(days=DAYS_OF_HASHES)).date()
    over = list(
        ShopVisitor.objects.filter(day__lt=ended)
        .values_list("cluster_id", "shop_id", "day")
        .annotate(visitors=Count("pk"))
        .order_by("cluster_id", "shop_id", "day")[:FOLDED_AT_ONCE]
    )
    with transaction.atomic():
        for cluster_id, shop_id, day, visitors in over:
            which = {"cluster_id": cluster_id, "shop_id": shop_id, "day": day}
            ShopDay.objects.get_or_create(**which, defaults={"visitors": visitors})
            ShopVisitor.objects.filter(**which).delete()
    return len(over)
