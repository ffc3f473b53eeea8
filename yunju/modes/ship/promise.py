"""When a parcel will arrive, and what that rests on. Pure.

Two spans follow each other: until the supplier hands it over, and on the way. The way is learned from parcels of that
supplier to that province that really arrived, where there are enough of them; else it is what is usual for the distance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

ENOUGH = 5
"""Parcels that make a habit. Fewer are chance, and the usual days are the better guess."""

PACK = (timedelta(hours=4), timedelta(hours=48))
"""From the payment to the carrier: soon, or by the hour at which the supplier is reminded (flow.REMIND_PACK)."""

REGIONS = (
    ("北京", "天津", "河北", "山西", "内蒙古"),
    ("辽宁", "吉林", "黑龙江"),
    ("上海", "江苏", "浙江", "安徽", "江西", "山东", "福建"),
    ("河南", "湖北", "湖南"),
    ("广东", "广西", "海南"),
    ("重庆", "四川", "贵州", "云南"),
    ("陕西", "甘肃", "青海", "宁夏"),
)
FAR = frozenset({"新疆", "西藏", "青海", "内蒙古", "甘肃", "宁夏", "海南"})
OUTSIDE = frozenset({"香港", "澳门", "台湾"})
USUAL = {"same": (1, 2), "near": (2, 3), "land": (3, 4), "far": (4, 7), "outside": (4, 10)}
"""Days on the way by class of distance."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Between which days it arrives. `parcels`: on how many real deliveries this rests; 0: on what is usual."""

    first: date
    last: date
    parcels: int
    distance: str


def distance(origin: str, destination: str) -> str:
    """The class of the way between two provinces (by their keys); an unknown origin counts as another region."""
    if origin == destination and origin:
        return "same"
    if {origin, destination} & OUTSIDE:
        return "outside"
    if {origin, destination} & FAR:
        return "far"
    together = any(origin in region and destination in region for region in REGIONS)
    return "near" if together else "land"


def days_on_the_way(origin: str, destination: str, learned: Sequence[float]) -> tuple[int, int]:
    """Fewest and most days: of real ones the middle and the ninth of ten, so that one parcel that strayed is not the rule."""
    if len(learned) < ENOUGH:
        return USUAL[distance(origin, destination)]
    ordered = sorted(learned)
    middle, late = ordered[len(ordered) // 2], ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)]
    first = max(1, round(middle))
    return first, max(first, _up(late))


def promise(
    *,
    now: datetime,
    zone: tzinfo,
    way: tuple[str, str],
    learned: Sequence[float] = (),
    ship_from: date | None = None,
) -> Promise:
    """For who pays now. `way`: from and to which province; `ship_from`: a presale's first day of sending."""
    soon, late = now + PACK[0], now + PACK[1]
    sent_first, sent_last = soon.astimezone(zone).date(), late.astimezone(zone).date()
    if ship_from is not None and ship_from > sent_first:
        sent_first, sent_last = ship_from, ship_from + (sent_last - now.astimezone(zone).date())
    fewest, most = days_on_the_way(*way, learned)
    return Promise(
        first=sent_first + timedelta(days=fewest),
        last=sent_last + timedelta(days=most),
        parcels=len(learned) if len(learned) >= ENOUGH else 0,
        distance=distance(*way),
    )


def _up(days: float) -> int:
    whole = int(days)
    return whole if days == whole else whole + 1
