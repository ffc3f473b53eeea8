"""Requests that wait together are done together: one thread takes whatever arrived while it was busy with the last batch.

Nothing waits for a clock: an item that comes alone is a batch of one, at once. But whoever was just answered often comes
again, and two batches of half the size cost more than one: so while others wait already, the next batch gives those who
were answered a small part of the time that their own took. How many wait is bounded; whoever comes beyond that is refused
before any work was done.
"""

import logging
import os
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Generic, TypeVar

from django.db import close_old_connections

from yunju.kernel.errors import Busy

log = logging.getLogger(__name__)
Item = TypeVar("Item")
Answer = TypeVar("Answer")
Told = Callable[[Sequence[tuple[Any, Any]]], None]
"""Called in the gathering thread, once a batch, with (ticket, answer or exception) of all that it asked for."""

MOST = 64
MOST_BYTES = 1_000_000
ROOM = 1_024
GRACE = 0.2
"""Of the time that a batch took, how much the next may wait for those who were just answered."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item]):
    item: Item
    size: int
    ticket: Any
    told: Told


class Gatherer(Generic[Item, Answer]):
    """One kind of work. `work` takes a batch and answers in its order; an exception in the place of an answer is one.

    `most` and `most_bytes` bound a batch, `room` how many may wait. The thread starts with the first item, anew in a
    process that was forked, and ends with the process.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer | BaseException]],
        *,
        name: str,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
        room: int = ROOM,
    ) -> None:
        self._work, self._name = work, name
        self._most, self._most_bytes, self._room = most, most_bytes, room
        self._waiting: deque[_Waiting[Item]] = deque()
        self._arrived = threading.Condition()
        self._process = 0
        self._wanted = 1  # so many must wait before the thread is woken
        self._answered, self._took = 0, 0.0  # the last batch: how many, in what time

    def ask(self, item: Item, *, ticket: Any, told: Told, size: int = 0) -> None:
        """Have `item` done with the next batch. `size`: what it counts, in bytes. Raises Busy where too many wait."""
        with self._arrived:
            if self._process != os.getpid():
                self._begin()
            if len(self._waiting) >= self._room:
                raise Busy("busy.too_many")
            self._waiting.append(_Waiting(item, size, ticket, told))
            if len(self._waiting) >= self._wanted:
                self._arrived.notify()

    def wait_for(self, item: Item, *, size: int = 0) -> Answer:
        """The same for a thread that has nothing else to do. Raises what stands in the place of its answer."""
        visit = _Visit()
        self.ask(item, ticket=visit, told=_end_visits, size=size)
        visit.done.acquire()
        if isinstance(visit.answer, BaseException):
            raise visit.answer
        return visit.answer  # type: ignore[no-any-return]  # what `work` answered

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting.clear()  # of the process that forked this one: they wait there
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def _run(self) -> None:
        while True:
            batch = self._next()
            begun = monotonic()
            answers = self._answers([one.item for one in batch])
            self._answered, self._took = len(batch), monotonic() - begun
            told: dict[Told, list[tuple[Any, Any]]] = defaultdict(list)
            for one, answer in zip(batch, answers, strict=True):
                told[one.told].append((one.ticket, answer))
            for tell, found in told.items():
                try:
                    tell(found)
                except Exception:  # the callers of this batch are lost, those of the next are not
                    log.exception("%s: callers could not be told", self._name)

    def _next(self) -> list[_Waiting[Item]]:
        """What waits now, within the bounds; an item beyond them all by itself."""
        with self._arrived:
            self._await()
            batch = [self._waiting.popleft()]
            size = batch[0].size
            while self._waiting and len(batch) < self._most:
                size += self._waiting[0].size
                if size > self._most_bytes:
                    break
                batch.append(self._waiting.popleft())
            return batch

    def _await(self) -> None:
        """Until somebody waits. Where somebody does already, until those just answered are here again, or their grace is over."""
        if self._waiting:
            self._wanted = min(len(self._waiting) + self._answered, self._most)
            until = monotonic() + GRACE * self._took
            while len(self._waiting) < self._wanted and (left := until - monotonic()) > 0:
                self._arrived.wait(left)
            self._wanted = 1
        while not self._waiting:
            self._arrived.wait()

    def _answers(self, items: Sequence[Item]) -> Sequence[Answer | BaseException]:
        """A failure of the work itself is everybody's answer. Connections that died are given up before and after."""
        close_old_connections()
        try:
            return self._work(items)
        except Exception as failure:
            log.exception("%s: a batch of %s failed", self._name, len(items))
            return [failure for _ in items]
        finally:
            close_old_connections()


class _Visit:
    """A thread that waits, and what it is told."""

    __slots__ = ("answer", "done")

    def __init__(self) -> None:
        self.done = threading.Lock()
        self.done.acquire()
        self.answer: Any = None


def _end_visits(found: Sequence[tuple[_Visit, Any]]) -> None:
    for visit, answer in found:
        visit.answer = answer
        visit.done.release()
