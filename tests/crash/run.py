"""One run: a house, a market, buyers, accidents, a minute of peace, and the comparison."""

import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.crash import accidents, passing
from tests.crash.buyers import Buyer, Scene
from tests.crash.journal import Journal
from tests.crash.stack import BACK_SECONDS, Stack, Stuck, until

Say = Callable[[str], None]
DIFFERENCES = ("lost", "oversold", "ledger", "duplicates")
LOSING = (
    "ALTER DATABASE yunju SET synchronous_commit = off",
    "ALTER SYSTEM SET wal_writer_delay = '10s'",  # what was not written yet is lost; with 0.2 s it is little
    "ALTER SYSTEM SET wal_writer_flush_after = '1GB'",
    "SELECT pg_reload_conf()",
)


@dataclass(frozen=True, slots=True)
class Course:
    """How many rounds of each, from which seed, with how many buyers at a time."""

    application: int
    postgres: int
    seed: int
    buyers: int
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What differs between the buyers' list and the book, what was left undone, and what happened."""

    differing: dict[str, list[str]]
    undone: dict[str, list[str]]
    counts: dict[str, int]

    @property
    def fails(self) -> bool:
        return bool(self.undone) or any(self.differing.values())


def play(folder: Path, course: Course, say: Say) -> Outcome:
    """Everything, and nothing of it runs afterwards."""
    stack = Stack(folder, unsafe="synchronous_commit" if course.is_control else "")
    try:
        stack.start()
        market = stack.helper("tests.crash.market")
        if course.is_control:
            switch_off(stack)
        scene = Scene(course.seed, stack.port, stack.gateway_port, market, Journal())
        return (control if course.is_control else prove)(stack, scene, course, say)
    finally:
        stack.close()


def prove(stack: Stack, scene: Scene, course: Course, say: Say) -> Outcome:
    """All rounds in an order of the dice; then all must be done within the promised time, and be there once."""
    dice = random.Random(course.seed)
    kinds = accidents.course(course.application, course.postgres, dice)
    with buying(scene, course.buyers):
        for number, kind in enumerate(kinds, 1):
            say(f"round {number} of {len(kinds)}: {a_round(stack, scene, kind, dice)}")
        await_acknowledged(stack, scene, 1)
    undone = settle(stack, scene, say)
    return compare(stack, scene, undone)


def control(stack: Stack, scene: Scene, course: Course, say: Say) -> Outcome:
    """Rounds against PostgreSQL until something acknowledged is lost; nothing else is asked of that house."""
    dice = random.Random(course.seed)
    with buying(scene, course.buyers):
        for number in range(1, course.postgres + 1):
            say(f"control {number}: {a_round(stack, scene, accidents.POSTGRES, dice)}")
            await_acknowledged(stack, scene, 1)
            outcome = compare(stack, scene, {})
            if outcome.differing["lost"]:
                break
    return outcome


def switch_off(stack: Stack) -> None:
    """Lose what is acknowledged: new sessions do not wait for the disk. Web and worker begin anew, past the guard, as told."""
    with stack.superuser() as connection:
        for statement in LOSING:
            connection.execute(statement)
    for words in ("yunju.cli.main web", "yunju.cli.main worker"):
        found = stack.part(words)
        assert found
        accidents.kill([found, *found.children(recursive=True)])
        found.wait(10)
    stack.await_parts()


@contextmanager
def buying(scene: Scene, count: int) -> Iterator[None]:
    """Buyers buy inside the block."""
    buyers = [Buyer(scene, number) for number in range(count)]
    for one in buyers:
        one.start()
    try:
        yield
    finally:
        scene.over.set()
        for one in buyers:
            one.join(60)


def a_round(stack: Stack, scene: Scene, kind: str, dice: random.Random) -> str:
    """Wait for a random moment in which the house does business, and strike; what happened, in words."""
    waited = await_acknowledged(stack, scene, dice.randint(1, 40))
    if dice.random() < 0.5:
        passing.some(stack, dice)
    time.sleep(dice.random() * 0.4)  # the moment itself: nothing is waited for
    until(lambda: accidents.strike(stack, kind, dice) > 0, stack, f"there is something to kill of {kind}")
    return f"{kind} killed; {scene.journal.counts['acknowledged']} acknowledged so far, {waited:.1f} s after the last"


def await_acknowledged(stack: Stack, scene: Scene, more: int) -> float:
    """Until so many more purchases were acknowledged: the house is back, without anybody's help. Seconds it took."""
    begun = time.monotonic()
    if not scene.journal.await_more(more, BACK_SECONDS):
        raise Stuck(f"nothing is acknowledged after {BACK_SECONDS} s\n{stack.logs()}")
    return time.monotonic() - begun


def settle(stack: Stack, scene: Scene, say: Say) -> dict[str, list[str]]:
    """All runs again and all is due: within the promised time nothing is left. What is, after that."""
    stack.await_parts()
    begun = time.monotonic()
    passing.everything(stack)
    passing.tell_again(stack, scene.journal)
    while found := passing.undone(stack, scene.journal):
        if time.monotonic() - begun > passing.PROMISE_SECONDS:
            return found
        time.sleep(0.2)
    say(f"all that was due is done, {time.monotonic() - begun:.1f} s after the last restart")
    return {}


def compare(stack: Stack, scene: Scene, undone: dict[str, list[str]]) -> Outcome:
    """The buyers' list against the book, by a process that took no part."""
    journal = scene.journal
    known = journal.told() | {"cluster": scene.market["cluster"], "goods": scene.market["goods"]}
    stack.await_database()
    found = stack.helper("tests.crash.proof", known)
    counts = dict(journal.counts) | {
        "purchases in the book": int(found["purchases"][0]),
        "outcomes unknown to the buyer": len(known["unknown"]),
        "payments taken": len(known["payments"]),
        "seconds without an acknowledgment, at most": math.ceil(journal.longest_pause),
    }
    return Outcome({name: found[name] for name in DIFFERENCES}, undone, counts)
