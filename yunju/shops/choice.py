"""With what a new shop begins, and what its keeper could post next. Pure: figures in, an order out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

FIRST_PICKS, MOST_OF_ONE_SUPPLIER = 12, 3
HALF_LIFE = timedelta(days=7)
"""After so long a set of material counts half as new."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could stand in a new shop. `sold` are pieces in 30 days; a higher `listed_at` is newer."""

    offer_id: int
    supplier_id: int
    sold: int
    listed_at: datetime


def first_picks(candidates: Sequence[Candidate], count: int = FIRST_PICKS) -> list[int]:
    """The best sold first, the newest where nothing was sold, and at most three of one supplier."""
    order = sorted(candidates, key=lambda one: (-one.sold, -one.listed_at.timestamp(), -one.offer_id))
    taken: Counter[int] = Counter()
    picks: list[int] = []
    for one in order:
        if len(picks) == count:
            break
        if taken[one.supplier_id] < MOST_OF_ONE_SUPPLIER:
            taken[one.supplier_id] += 1
            picks.append(one.offer_id)
    return picks


@dataclass(frozen=True, slots=True)
class Postable:
    """An offer whose material this shop has not posted: what one sale earns, how it sells, since when it can be posted."""

    offer_id: int
    material_id: int
    commission_minor: int
    sold: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`reason` names what lifts it above the others: sells, pays or fresh. `days` is the age of its material."""

    post: Postable
    score: float
    reason: str
    days: int


def suggestions(candidates: Sequence[Postable], now: datetime, count: int = 3) -> list[Suggestion]:
    """The best by commission x sales x novelty, one set an offer. One sale is added to each, so that new things count.

    What earns nothing is not suggested.
    """
    newest: dict[int, Postable] = {}
    for one in candidates:
        held = newest.get(one.offer_id)
        if one.commission_minor > 0 and (held is None or one.written_at > held.written_at):
            newest[one.offer_id] = one
    earning = list(newest.values())
    if not earning:
        return []
    usual = Postable(
        0,
        0,
        int(median(one.commission_minor for one in earning)),
        int(median(one.sold for one in earning)),
        now,
    )
    scored = [
        Suggestion(one, _score(one, now), _reason(one, usual, now), max((now - one.written_at).days, 0))
        for one in earning
    ]
    return sorted(scored, key=lambda one: (-one.score, one.post.offer_id))[:count]


def novelty(written_at: datetime, now: datetime) -> float:
    """1 when just written, a half after a week, a quarter after two."""
    age = max((now - written_at) / HALF_LIFE, 0.0)
    return float(0.5**age)


def _score(one: Postable, now: datetime) -> float:
    return one.commission_minor * (one.sold + 1) * novelty(one.written_at, now)


def _reason(one: Postable, usual: Postable, now: datetime) -> str:
    """Which factor stands furthest above what is usual among the candidates."""
    lifts = {
        "sells": (one.sold + 1) / (usual.sold + 1) if one.sold else 0.0,
        "pays": one.commission_minor / max(usual.commission_minor, 1),
        "fresh": 2 * novelty(one.written_at, now),
    }
    return max(lifts, key=lambda name: lifts[name])
