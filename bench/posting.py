"""What a transfer costs: `ledger.post` alone, six legs each, in batches."""

from django.db import transaction

from bench.figures import Figure, Watch, median
from bench.market import Market
from yunju.kernel import clock
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, post
from yunju.ledger.kinds import Kind

NOBODY = 10**12
"""From here on no member has an id."""
PAYEES = 200


def measure(market: Market, batch: int, count: int, *, rounds: int = 3) -> Figure:
    """`count` transfers a round, `batch` to a transaction, from clearing to five payees' pending each.

    Every second one takes back what the one before gave, so that the book says afterwards what it said before.
    """
    batches = 2 * max(count // (2 * batch), 1)
    figures = [_post(market, batch, batches, turn * batches * batch) for turn in range(rounds + 1)]
    return median(figures[1:])


def _post(market: Market, batch: int, batches: int, first: int) -> Figure:
    watch = Watch()
    for start in range(first, first + batches * batch, batch):
        with transaction.atomic():
            post([_transfer(market, batch, number) for number in range(start, start + batch)])
    return watch.stop(batches * batch)


def _transfer(market: Market, batch: int, number: int) -> Posting:
    pair, takes_back = divmod(number, 2)
    sign = -1 if takes_back else 1
    payees = [
        Leg(subjects.member(NOBODY + (pair * 7 + n) % PAYEES), Kind.PENDING, sign * (100 + n))
        for n in range(5)
    ]
    clearing = Leg(subjects.gateway("bench"), Kind.CLEARING, -sum(leg.amount for leg in payees))
    return Posting(
        cluster_id=market.cluster.pk,
        kind=f"bench_{batch}",
        source_type="bench",
        source_id=number + 1,
        currency=market.cluster.currency,
        legs=(clearing, *payees),
        effective_at=clock.now(),
    )
