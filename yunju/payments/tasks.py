"""Due work of payments: bills are compared in the morning after, again for some days. `config` registers the loops."""

import logging
from collections.abc import Callable
from datetime import timedelta

from yunju.kernel import clock
from yunju.payments import registry
from yunju.payments.bills import compare_day
from yunju.payments.errors import GatewayRefused, GatewaySilent
from yunju.payments.models import Attempt, BillDay

log = logging.getLogger(__name__)
BACK_DAYS = 3


def compare_due() -> int:
    """Compare the bills of the last days that were not compared since their day ended; one bill a round."""
    for code, adapter in registry.all_gateways().items():
        today = clock.local_day(clock.now(), adapter.timezone)
        if not Attempt.objects.filter(gateway=code).exists():
            continue
        for back in range(1, BACK_DAYS + 1):
            day = today - timedelta(days=back)
            fresh = clock.at_local(today, 0, adapter.timezone)
            if BillDay.objects.filter(gateway=code, day=day, compared_at__gte=fresh).exists():
                continue
            try:
                open_ones = compare_day(gateway=code, day=day)
            except (GatewayRefused, GatewaySilent) as error:
                log.warning("the bill of %s for %s is not to be had: %s", code, day, error)
                continue
            if open_ones:
                log.error("the bill of %s for %s has %s open differences", code, day, open_ones)
            return 1
    return 0


LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (("payments.bills", 600, compare_due),)
"""Code, seconds between rounds, one bounded batch."""
