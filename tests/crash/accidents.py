"""What is killed, always with -9 and without a word before."""

import random
from collections.abc import Sequence
from contextlib import suppress

import psutil

from tests.crash.stack import Stack
from tests.house import command_of

APPLICATION = ("web and its processes", "web", "a process of the web", "worker")
POSTGRES = "postgres and its processes"


def course(application: int, postgres: int, dice: random.Random) -> list[str]:
    """So many rounds of each, in an order of the dice."""
    kinds = [dice.choice(APPLICATION) for _ in range(application)] + [POSTGRES] * postgres
    dice.shuffle(kinds)
    return kinds


def strike(stack: Stack, kind: str, dice: random.Random) -> int:
    """Kill; how many processes it hit, 0 when that part is not there just now."""
    return kill(_victims(stack, kind, dice))


def _victims(stack: Stack, kind: str, dice: random.Random) -> Sequence[psutil.Process]:
    if kind == "worker":
        return _whole(stack.part("yunju.cli.main worker"))
    if kind == POSTGRES:
        return _whole(stack.part("bin/postgres"))
    web = _whole(stack.part("yunju.cli.main web"))
    if kind == "web":
        return web[:1]
    if kind == "web and its processes":
        return web
    serving = [one for one in web[1:] if "--multiprocessing-fork" in command_of(one)]
    for one in web[:1]:
        one.resume()  # it lives on, and has to notice
    return [dice.choice(serving)] if serving else []


def _whole(top: psutil.Process | None) -> list[psutil.Process]:
    """A process and all below it. It is stopped while they are counted, so that none is born meanwhile."""
    if top is None:
        return []
    with suppress(psutil.NoSuchProcess):
        top.suspend()
        return [top, *top.children(recursive=True)]
    return []


def kill(victims: Sequence[psutil.Process]) -> int:
    """The parent first: it shall not see its children die, and tidy up."""
    for one in victims:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    return len(victims)
