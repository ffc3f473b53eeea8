"""What sending an order costs: one supplier's rule, an address, the goods. Pure, without tables.

Freight is of an order as a whole: `goods_minor` is the sum of its goods before any deduction, `weight_g` of all pieces.
`free_over` frees the price of sending, never a province's surcharge: that is paid to the carrier in any case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yunju.catalog.provinces import normalised
from yunju.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class FreightTerms:
    """A supplier's freight rule as a value; provinces by their keys."""

    kind: str = "free"
    flat_minor: int = 0
    first_g: int = 1_000
    first_minor: int = 0
    next_g: int = 1_000
    next_minor: int = 0
    free_over_minor: int | None = None
    surcharges: Mapping[str, int] = field(default_factory=dict)
    not_served: frozenset[str] = frozenset()

    @property
    def asks_for_province(self) -> bool:
        return bool(self.surcharges or self.not_served)


FREE = FreightTerms()


def quote(rule: FreightTerms | None, *, province: str, goods_minor: int, weight_g: int) -> int:
    """Minor units of sending; no rule is free.

    Raises Refused: `freight.not_served` where the supplier sends nothing, `freight.province_unknown` where the rule
    tells provinces apart and the address names none of them.
    """
    rule = rule or FREE
    surcharge = _surcharge(rule, province)
    if rule.free_over_minor is not None and goods_minor >= rule.free_over_minor:
        return surcharge
    return _base(rule, weight_g) + surcharge


def _surcharge(rule: FreightTerms, province: str) -> int:
    if not rule.asks_for_province:
        return 0
    key = normalised(province)
    if key is None:
        raise Refused("freight.province_unknown", field="province", province=province[:40])
    if key in rule.not_served:
        raise Refused("freight.not_served", field="province", province=key)
    return rule.surcharges.get(key, 0)


def _base(rule: FreightTerms, weight_g: int) -> int:
    if rule.kind == "flat":
        return rule.flat_minor
    if rule.kind == "weight":
        beyond = max(weight_g - rule.first_g, 0)
        return rule.first_minor + -(-beyond // rule.next_g) * rule.next_minor
    return 0
