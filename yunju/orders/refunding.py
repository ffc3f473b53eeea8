"""Which cents a refund takes from whom. Pure (DESIGN 4.4, MONEY A6).

From each share by largest remainder over what it still can give; of a share first what is pending, then what was
released: from the payee's available, then reserve, then debt.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from yunju.kernel import split
from yunju.ledger import subjects
from yunju.ledger.actions import Leg
from yunju.ledger.kinds import Kind


@dataclass(frozen=True, slots=True)
class ShareLeft:
    """A share as it stands, in minor units: `refunded` left while pending, `reclaimed` after release."""

    id: int
    line_id: int
    payee_id: int
    amount: int
    released: int
    refunded: int
    reclaimed: int

    @property
    def pending(self) -> int:
        return self.amount - self.released - self.refunded

    @property
    def left(self) -> int:
        """What it still can give."""
        return self.amount - self.refunded - self.reclaimed


@dataclass(frozen=True, slots=True)
class Part:
    """What one share gives to one refund."""

    share: ShareLeft
    from_pending: int
    from_released: int


def take(amount: int, shares: Sequence[ShareLeft]) -> list[Part]:
    """Take `amount` from the shares of one line (in their fixed order). Raises ValueError when they hold less."""
    parts = []
    for share, cents in zip(shares, split.take_back(amount, [share.left for share in shares]), strict=True):
        pending = min(cents, share.pending)
        if cents:
            parts.append(Part(share, pending, cents - pending))
    return parts


Balances = MutableMapping[tuple[str, Kind], int]


def legs(parts: Sequence[Part], balances: Balances) -> list[Leg]:
    """The payees' legs of a refund. `balances` (locked available and reserve) are taken down as the legs are made."""
    found: list[Leg] = []
    for part in parts:
        subject = subjects.member(part.share.payee_id)
        if part.from_pending:
            found.append(Leg(subject, Kind.PENDING, -part.from_pending))
        if part.from_released:
            found += _reclaim(subject, part.from_released, balances)
    return found


def _reclaim(subject: str, amount: int, balances: Balances) -> list[Leg]:
    pools = (Kind.AVAILABLE, Kind.RESERVE)
    *taken, owed = split.waterfall(amount, [balances[(subject, kind)] for kind in pools])
    for kind, cents in zip(pools, taken, strict=True):
        balances[(subject, kind)] -= cents
    drawn = [Leg(subject, kind, -cents) for kind, cents in zip(pools, taken, strict=True) if cents]
    return [*drawn, Leg(subject, Kind.DEBT, -owed)] if owed else drawn


def amounts_left(lines: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """Line id -> what of it has not been refunded, from (amount, refunded)."""
    return {line_id: amount - refunded for line_id, (amount, refunded) in lines.items()}
