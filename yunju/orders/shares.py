"""Who gets what of a line, in whole cents. Pure; the rules are DESIGN 4.6 and MONEY A6.

Payees stand in one fixed order everywhere: supplier, shop, service roles by member id, park, platform.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from yunju.kernel import split
from yunju.kernel.errors import Refused
from yunju.kernel.split import WHOLE_BP

ORDER = {"supplier": 0, "shop": 1, "maker": 2, "designer": 2, "provider": 2, "park": 3, "platform": 4}


class Claimant(Struct, frozen=True, gc=False):
    """Somebody other than the supplier with a right to a part: `bp` basis points, then clamped to floor and cap (minor units)."""

    role: str
    payee_id: int
    bp: int
    floor_minor: int = 0
    cap_minor: int | None = None

    def clamp(self, part: int) -> int:
        high = part if self.cap_minor is None else min(part, self.cap_minor)
        return max(high, self.floor_minor)


class ShareDraft(Struct, frozen=True, gc=False):
    """One payee's part of a line, in minor units. `spare` marks a cent won by remainder, the first to be given up."""

    role: str
    payee_id: int
    amount_minor: int
    spare: bool = False


def in_order(claimants: Sequence[Claimant]) -> list[Claimant]:
    """The fixed order: by role, service roles by member id and then role."""
    return sorted(claimants, key=lambda c: (ORDER[c.role], c.payee_id, c.role))


def fix(amount: int, supplier_id: int, claimants: Sequence[Claimant]) -> list[ShareDraft]:
    """Divide `amount` (minor units) between the supplier and the claimants.

    Largest remainder over basis points, then each claimant is clamped and the supplier takes the difference.
    Raises Refused (`shares.supplier_negative`) when the clamps would leave the supplier below zero.
    """
    others = in_order(claimants)
    parts_bp = [claimant.bp for claimant in others]
    weights = [WHOLE_BP - sum(parts_bp), *parts_bp]
    if weights[0] < 0:
        raise Refused("shares.over_whole", bp=WHOLE_BP - weights[0])
    parts = split.by_weights(amount, weights)
    drafts = []
    for claimant, part in zip(others, parts[1:], strict=True):
        kept = claimant.clamp(part)
        is_spare = kept == part and part > amount * claimant.bp // WHOLE_BP
        drafts.append(ShareDraft(claimant.role, claimant.payee_id, kept, is_spare))
    rest = amount - sum([draft.amount_minor for draft in drafts])
    if rest < 0:
        raise Refused("shares.supplier_negative", amount=amount)
    return [ShareDraft("supplier", supplier_id, rest), *drafts]


def fit_cap(lines: Sequence[Sequence[ShareDraft]], cap_bp: int | None) -> list[list[ShareDraft]]:
    """Keep what others than the supplier get of one order within a gateway's cap, counted in cents of the whole order.

    Cents won by remainder go back to the supplier, the last in the fixed order first. Raises Refused
    (`shares.over_cap`) when the rules themselves exceed the cap. `None` is no cap. Each line begins with its supplier.
    """
    drafts = [list(line) for line in lines]
    if cap_bp is None:
        return drafts
    suppliers = sum([line[0].amount_minor for line in drafts])
    others = sum([share.amount_minor for line in drafts for share in line[1:]])
    excess = others - (suppliers + others) * cap_bp // WHOLE_BP
    if excess <= 0:
        return drafts
    spares = [(n, m) for n, line in enumerate(drafts) for m, share in enumerate(line) if share.spare]
    spares.sort(key=lambda at: (-ORDER[drafts[at[0]][at[1]].role], -at[1], -at[0]))
    if excess > len(spares):
        raise Refused("shares.over_cap", cap_bp=cap_bp)
    for n, m in spares[:excess]:
        share = drafts[n][m]
        drafts[n][m] = replace(share, amount_minor=share.amount_minor - 1, spare=False)
        drafts[n][0] = replace(drafts[n][0], amount_minor=drafts[n][0].amount_minor + 1)
    return drafts
