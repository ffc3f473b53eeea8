"""What only the top of the house may know: which modes run, who hears which event, what the worker does in turn."""

from datetime import timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from yunju.catalog import tasks as catalog_tasks
from yunju.catalog.actions import import_undo
from yunju.config import telling as people
from yunju.config.env import SettingsError
from yunju.config.modes import MODES
from yunju.filings import tasks as filing_tasks
from yunju.fulfilment import registry
from yunju.insight import tasks as insight_tasks
from yunju.kernel import clock, idempotency, jobs, loops, outbox
from yunju.kernel import tasks as kernel_tasks
from yunju.ledger import tasks as ledger_tasks
from yunju.members import tasks as member_tasks
from yunju.modes.ship import jobs as ship_jobs
from yunju.notices import tasks as notice_tasks
from yunju.orders import bill_names, tasks, verify
from yunju.orders.actions import refunds, release
from yunju.orders.flow import effects, telling
from yunju.payments import registry as gateways
from yunju.payments import tasks as payment_tasks
from yunju.payments import verify as payment_verify
from yunju.payments.simulated import Simulated
from yunju.shops import tasks as shop_tasks
from yunju.talks import tasks as talk_tasks
from yunju.web import export_lists

HOUR = 3_600


def connect() -> None:
    """Called once, when Django has loaded all rooms; calling it again changes nothing."""
    _set_clock(settings.YUNJU_CLOCK_SHIFT_HOURS)
    registry.register({code: import_string(path)() for code, path in MODES.items()})
    effects.hand_over(date_release=release.date_release, refund_rest=refunds.refund_rest)
    telling.subscribe_all()
    people.connect()
    verify.register_checks()
    payment_verify.register_checks()
    bill_names.register()
    ship_jobs.register()
    jobs.register(import_undo.KIND, import_undo.work_off)
    jobs.register(export_lists.KIND, export_lists.work_off, per_hour=10)
    for name, every_seconds, run in (
        *kernel_tasks.LOOPS,
        *member_tasks.LOOPS,
        *notice_tasks.LOOPS,
        ("notices.deadlines", 300, people.tell_deadlines),
        *ledger_tasks.LOOPS,
        *tasks.LOOPS,
        *payment_tasks.LOOPS,
        *catalog_tasks.LOOPS,
        *insight_tasks.LOOPS,
        *talk_tasks.LOOPS,
        *filing_tasks.LOOPS,
        *shop_tasks.LOOPS,
    ):
        loops.register(loops.Loop(name, every_seconds, run))
    for name, every_seconds, run in notice_tasks.WORLD:
        loops.register(loops.Loop(name, every_seconds, run, lane="world"))
    loops.register(loops.Loop("kernel.outbox", 1, outbox.drain))
    loops.register(loops.Loop("kernel.outbox_days", 6 * HOUR, _once(outbox.maintain)))
    loops.register(loops.Loop("kernel.keys", HOUR, idempotency.purge))


def _set_clock(hours: int) -> None:
    """Let this process live ahead of its machine. Real money knows one time only: then the start is refused."""
    if not hours:
        return
    if set(gateways.all_gateways()) != {Simulated.code}:
        raise SettingsError("YUNJU_CLOCK_SHIFT_HOURS", str(hours), "0 where a gateway takes real money")
    clock.shift(timedelta(hours=hours))


def _once(work: loops.Run) -> loops.Run:
    """Work that is done in one go: its loop is not called again at once, whatever it counted."""

    def run() -> int:
        work()
        return 0

    return run
