"""What only the top of the house may know: which modes run, who hears which event, what the worker does in turn."""

from django.utils.module_loading import import_string

from yunju.config.modes import MODES
from yunju.fulfilment import registry
from yunju.kernel import idempotency, loops, outbox
from yunju.orders import tasks, verify
from yunju.orders.actions import refunds, release
from yunju.orders.flow import effects, telling

HOUR = 3_600


def connect() -> None:
    """Called once, when Django has loaded all rooms; calling it again changes nothing."""
    registry.register({code: import_string(path)() for code, path in MODES.items()})
    effects.hand_over(date_release=release.date_release, refund_rest=refunds.refund_rest)
    telling.subscribe_all()
    verify.register_checks()
    for name, every_seconds, run in tasks.LOOPS:
        loops.register(loops.Loop(name, every_seconds, run))
    loops.register(loops.Loop("outbox", 1, outbox.drain))
    loops.register(loops.Loop("outbox days", 6 * HOUR, _once(outbox.maintain)))
    loops.register(loops.Loop("old keys", HOUR, idempotency.purge))


def _once(work: loops.Run) -> loops.Run:
    """Work that is done in one go: its loop is not called again at once, whatever it counted."""

    def run() -> int:
        work()
        return 0

    return run
