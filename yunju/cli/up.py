"""`yunju up`: everything on one machine. Ctrl-C ends it; started again it keeps its data."""

import argparse
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yunju.cli import state
from yunju.cli.installation import Installation
from yunju.cli.postgres import port_is_free
from yunju.cli.say import Stop, say
from yunju.config import env

PORT_WAIT_SECONDS = 20  # what a killed run left behind ends within this
WATCH_SECONDS = 0.3
DEMOS = ("full", "small", "none")
ABOUT = {
    "full": "thirty studios, forty shops, ninety days: about a minute, once",
    "small": "eight studios, three shops, thirty days",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-demo", action="store_true", help="start with an empty book (as YUNJU_DEMO=none does)"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address the web listens on (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    home = env.home()
    home.mkdir(parents=True, exist_ok=True)
    with locked(home):
        port = env.number("YUNJU_PORT", 8000, least=1, most=65535)
        _await_port(port)
        house = Installation(home, port=port, host=args.host)
        try:
            demo = env.one_of("YUNJU_DEMO", "full", DEMOS)
            _start(house, demo="none" if args.no_demo else demo)
            _watch(house)
        except KeyboardInterrupt:
            say("\nStopping ...")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C would leave processes behind
            house.stop()
        say("Everything has stopped.")
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """One `up` per home. The lock goes with the process, however that ends."""
    with (home / "up.lock").open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            whose = held.read().strip()
            raise Stop(
                f"Yunju already runs on {home} ({whose}): stop it, or choose another YUNJU_HOME."
            ) from None
        held.seek(0)
        held.truncate()
        held.write(f"process {os.getpid()}")
        held.flush()
        yield


def _await_port(port: int) -> None:
    deadline = time.monotonic() + PORT_WAIT_SECONDS
    while not port_is_free(port):
        if time.monotonic() > deadline:
            raise Stop(f"Port {port} is taken by another program: stop that, or choose another YUNJU_PORT.")
        time.sleep(0.2)


def _start(house: Installation, *, demo: str) -> None:
    say(f"Home: {house.home}")
    ahead = env.clock_shift_hours()
    state.write(house.home, clock_shift_hours=ahead)
    if ahead:
        say(f"The clock is {ahead} hours ahead (YUNJU_CLOCK_SHIFT_HOURS): for trying out only.")
    house.start_database()
    say("Migrating ...")
    house.migrate()
    house.start_gateway()
    if demo != "none" and state.read(house.home).demo is None:
        say(f"Filling the market with a demonstration ({ABOUT[demo]}) ...")
        state.write(house.home, demo=house.load_demo(small=demo == "small"))
    house.start_rest()
    house.await_answer(empty=not state.read(house.home).demo)
    say("\nYunju is ready. 云聚已就绪。 (Ctrl-C stops everything.)")
    say(house.url)
    for line in state.read(house.home).demo or ():
        say(line)


def _watch(house: Installation) -> None:
    texts = Texts(house.home)
    while True:
        time.sleep(WATCH_SECONDS)
        for line in (*house.revive(), *texts.new()):
            say(line)


class Texts:
    """Text messages that the stand-in shows instead of sending (`notices.sms.Shown`): the terminal shows them too."""

    def __init__(self, home: Path) -> None:
        self.file = home / "texts.log"
        self.place = self.file.stat().st_size if self.file.exists() else 0

    def new(self) -> list[str]:
        """Whole lines that were written since the last look."""
        if not self.file.exists():
            return []
        with self.file.open("rb") as kept:
            kept.seek(self.place)
            found = kept.read()
        whole = found[: found.rfind(b"\n") + 1]
        self.place += len(whole)
        return whole.decode(errors="replace").splitlines()
