"""What rooms above need to know of an offer to sell it: frozen values, no tables. And what a rule may not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from yunju.catalog.sales import Running

FULL_BP = 10_000
GATEWAY_WARN_BP = 3_000
"""What a licensed provider commonly lets be split away from the supplier (WeChat Pay: 30 %)."""


class Terms(Struct, frozen=True, gc=False):
    """A payee's part of a line: basis points of the goods, at least `floor_minor`, at most `cap_minor`."""

    bp: int = 0
    floor_minor: int = 0
    cap_minor: int | None = None


NOTHING = Terms()


class RoleTerms(Struct, frozen=True, gc=False):
    """The part of a service role (maker, designer, provider) and who has it."""

    role: str
    member_id: int
    bp: int
    floor_minor: int = 0
    cap_minor: int | None = None

    @property
    def terms(self) -> Terms:
        return Terms(bp=self.bp, floor_minor=self.floor_minor, cap_minor=self.cap_minor)


@dataclass(frozen=True, slots=True)
class Fees:
    """What the platform and the park take in a cluster, and the version that says so (0: nothing is set)."""

    version: int = 0
    platform: Terms = NOTHING
    park: Terms = NOTHING


class Selling(Struct, frozen=True, gc=False):
    """A variant as it may be bought now. `rule_version` 0: no commission rule, the supplier keeps all but the fees."""

    variant_id: int
    offer_id: int
    supplier_id: int
    supplier_name: str
    merchant: str
    mode: str
    title: str
    variant_title: str
    price_minor: int
    weight_g: int
    on_shelf: bool
    returnable: bool
    after_sale_days: int | None
    rule_version: int
    shop: Terms
    roles: tuple[RoleTerms, ...]
    ship_from: date | None = None
    """A presale: nothing is sent before this day. None once the day has come."""
    sale: Running | None = None
    """The flash sale that `price_minor` is of; `list_minor` is then the price without it."""
    list_minor: int | None = None


def total_bp(parts: Sequence[Terms]) -> int:
    return sum(part.bp for part in parts)


def leaves_supplier_whole(price_minor: int, parts: Sequence[Terms]) -> bool:
    """True when the supplier's part is 0 or more for `price_minor` and for every higher amount.

    A part grows no faster than its basis points, which sum to 10,000 at most; so what is left never shrinks as the
    amount grows, but for rounding, which moves a part by less than one unit. Where no floor binds, largest remainder
    itself keeps the supplier at 0 or more; where one does, a unit per part is kept as room for rounding.
    """
    if total_bp(parts) > FULL_BP:
        return False
    if all(part.floor_minor <= price_minor * part.bp // FULL_BP for part in parts):
        return True
    taken = sum(_clamped(price_minor * part.bp, part) for part in parts)
    return price_minor * FULL_BP - taken >= len(parts) * FULL_BP


def _clamped(scaled: int, part: Terms) -> int:
    """A part in ten-thousandths of a minor unit, between its floor and its cap."""
    if part.cap_minor is not None:
        scaled = min(scaled, part.cap_minor * FULL_BP)
    return max(scaled, part.floor_minor * FULL_BP)


class StockLeft(Struct, frozen=True, gc=False):
    """A locked stock row: what remains of a variant at a place; lower `position` is taken from first."""

    id: int
    variant_id: int
    place_id: int
    remaining: int
    position: int = 0
