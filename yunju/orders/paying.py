"""What a verified payment means for its purchase. Pure: the verdict and the money, decided from data alone."""

from dataclasses import dataclass

PAID = "paid"
DUPLICATE = "duplicate"
LATE = "late"  # the purchase had expired or was cancelled: the money goes back
TWICE = "paid_twice"  # another attempt paid it before: the money goes back
SHORT = "short"  # less than owed beyond the tolerance: the money goes back, the purchase stays unpaid
NO_PURCHASE = "no_purchase"  # money for a purchase that does not exist: it goes back
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """The purchase at the moment of the event: its state, what it costs, how short a payment may be (minor units)."""

    payment_state: str
    total_minor: int
    tolerance_minor: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`applied` pays the purchase, `unapplied` is sent back, `shortage` is borne by the operator.

    applied - shortage + unapplied is always the money that arrived.
    """

    word: str
    applied_minor: int = 0
    unapplied_minor: int = 0
    shortage_minor: int = 0


def judge(standing: Standing | None, amount_minor: int) -> Verdict:
    """Decide one payment of `amount_minor` for a purchase (None: there is none). Money never wakes a dead purchase."""
    if standing is None:
        return Verdict(NO_PURCHASE, unapplied_minor=amount_minor)
    if standing.payment_state == "paid":
        return Verdict(TWICE, unapplied_minor=amount_minor)
    if standing.payment_state != "unpaid":
        return Verdict(LATE, unapplied_minor=amount_minor)
    missing = standing.total_minor - amount_minor
    if missing > standing.tolerance_minor:
        return Verdict(SHORT, unapplied_minor=amount_minor)
    if missing >= 0:
        return Verdict(PAID, applied_minor=standing.total_minor, shortage_minor=missing)
    return Verdict(PAID, applied_minor=standing.total_minor, unapplied_minor=-missing)
