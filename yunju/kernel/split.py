"""Dividing whole cents exactly: largest remainder, ties in the order given (DESIGN 4.1, MONEY A6).

All functions are pure and take minor units; the parts always add up to the whole.
"""

from collections.abc import Sequence

WHOLE_BP = 10_000
"""Basis points of the whole."""


def by_weights(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion to non-negative integer `weights`.

    Each part is floored, spare units go to the largest remainders, ties to the earlier position.
    Raises ValueError when `amount` or a weight is negative, or the weights sum to 0 while the amount does not.
    """
    if amount < 0 or (weights and min(weights) < 0):
        raise ValueError("a split takes no negative numbers")
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError("nobody to give the amount to")
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    spare = amount - sum(parts)
    if spare:
        remainders = [amount * weight % total for weight in weights]
        # Sorting keeps equal ones in their order, backwards too.
        for position in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:spare]:
            parts[position] += 1
    return parts


def take_back(amount: int, remaining: Sequence[int]) -> list[int]:
    """Take `amount` out of shares that can still give `remaining`: in proportion, never more than each has.

    The last refund clears exactly: `take_back(sum(remaining), remaining) == list(remaining)`.
    Raises ValueError when more is asked than remains.
    """
    if amount > sum(remaining):
        raise ValueError("more is asked than remains")
    return by_weights(amount, remaining)


def waterfall(amount: int, pools: Sequence[int]) -> list[int]:
    """Take `amount` from `pools` in order, each emptied before the next is touched; what is missing comes last.

    Returns len(pools) + 1 numbers: what each pool gives, then the shortfall (which becomes debt).
    """
    if amount < 0:
        raise ValueError("a waterfall takes no negative amount")
    parts = []
    for pool in pools:
        part = min(amount, max(pool, 0))
        parts.append(part)
        amount -= part
    return [*parts, amount]
