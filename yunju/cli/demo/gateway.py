"""The simulated gateway as the demonstration uses it: its own API pays, its control page sets the clock of its book."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
from django.conf import settings

from yunju.cli.say import Stop

WAIT_SECONDS = 20
NOTIFIES_AFTER = 45 * 24 * 3_600
"""Seconds by which notifications of payments are late: the site is not up yet, and each payment is asked for at once.

What still comes then is about payments that are known, as late and repeated notifications are.
"""
TIMEOUT_SECONDS = 10


class Gateway:
    """The provider's process. Times are given to it as how far its clock stands off."""

    def __init__(self) -> None:
        self.url = settings.YUNJU_GATEWAY_URL
        self.http = httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS)

    def await_health(self) -> None:
        """Until it answers. Raises Stop when it does not: without a provider no money can arrive."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                if self.http.get(f"{self.url}/health").text == "ok":
                    return
            except httpx.HTTPError as error:
                last = str(error)
            else:
                last = "another program answers there"
            if time.monotonic() > deadline:
                raise Stop(
                    f"The simulated gateway does not answer at {self.url} ({last}): `yunju up` starts it."
                )
            time.sleep(0.1)

    @contextmanager
    def own_clock(self) -> Iterator[None]:
        """Inside the block its clock may be set; afterwards it shows the present again."""
        self._do(do="set", name="notify_delay", value=str(NOTIFIES_AFTER))
        try:
            yield
        finally:
            ahead = timedelta(hours=settings.YUNJU_CLOCK_SHIFT_HOURS).total_seconds()
            self._do(do="set", name="clock_offset", value=str(ahead))
            self._do(do="set", name="notify_delay", value="0")

    def set_clock(self, moment: datetime) -> None:
        offset = (moment - datetime.now(UTC)).total_seconds()
        self._do(do="set", name="clock_offset", value=f"{offset:.3f}")

    def pay(self, out_no: str) -> None:
        """Pay as a buyer at the cashier would."""
        self._do(do="pay", out_no=out_no)

    def _do(self, **wish: str) -> None:
        answer = self.http.post(f"{self.url}/control.json", json=wish)
        if answer.status_code != httpx.codes.OK:
            raise Stop(f"The simulated gateway refuses {wish['do']!r} with status {answer.status_code}.")
