"""What waits together is done together: at once when alone, bounded, each with its own answer, nobody lost to a failure."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from yunju.kernel import gather
from yunju.kernel.errors import Busy, Refused
from yunju.kernel.gather import Gatherer

PATIENCE = 20


@dataclass
class Works:
    """Doubles numbers, batch by batch. While `busy` it stands still with the batch it has begun."""

    batches: list[list[int]] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.free.set()

    def __call__(self, items: Sequence[int]) -> list[Any]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.free.wait(PATIENCE)
        if 13 in items:
            raise RuntimeError("no luck")
        return [Refused("test.odd", number=one) if one % 2 else one * 2 for one in items]

    @contextmanager
    def busy(self, gatherer: Gatherer[int, int]) -> Iterator[list[Any]]:
        """Within, everything waits behind a first item; the answers of `ask` come into the list afterwards."""
        self.begun.clear()
        self.free.clear()
        told: list[Any] = []
        gatherer.ask(0, ticket=None, told=lambda _found: None)
        assert self.begun.wait(PATIENCE)
        yield told
        self.free.set()


@pytest.fixture
def works() -> Works:
    return Works()


def asked(
    gatherer: Gatherer[int, int], numbers: Sequence[int], told: list[Any], *, size: int = 0
) -> threading.Event:
    """Ask for all; the event says that all were told."""
    done = threading.Event()

    def hear(found: Sequence[tuple[int, Any]]) -> None:
        told.append(list(found))
        if sum(map(len, told)) == len(numbers):
            done.set()

    for number in numbers:
        gatherer.ask(number, ticket=f"t{number}", told=hear, size=size)
    return done


def test_alone_it_is_done_at_once(works: Works):
    gatherer = Gatherer(works, name="test")
    assert [gatherer.wait_for(2), gatherer.wait_for(4)] == [4, 8]
    assert works.batches == [[2], [4]]


def test_what_arrives_meanwhile_is_one_batch_and_told_once_in_order(works: Works):
    gatherer = Gatherer(works, name="test")
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 4, 6], told)
    assert done.wait(PATIENCE)
    assert works.batches == [[0], [2, 4, 6]]
    assert told == [[("t2", 4), ("t4", 8), ("t6", 12)]]


def test_a_batch_is_bounded_in_number(works: Works):
    gatherer = Gatherer(works, name="test", most=2)
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 4, 6, 8, 10], told)
    assert done.wait(PATIENCE)
    assert works.batches[1:] == [[2, 4], [6, 8], [10]]


def test_a_batch_is_bounded_in_bytes_but_what_is_too_large_goes_alone(works: Works):
    gatherer = Gatherer(works, name="test", most_bytes=100)
    with works.busy(gatherer) as told:
        sizes = {2: 60, 4: 40, 6: 1, 8: 5_000, 10: 5}
        done = threading.Event()

        def hear(found: Sequence[tuple[int, Any]]) -> None:
            told.extend(found)
            if len(told) == len(sizes):
                done.set()

        for number, size in sizes.items():
            gatherer.ask(number, ticket=number, told=hear, size=size)
    assert done.wait(PATIENCE)
    assert works.batches[1:] == [[2, 4], [6], [8], [10]]


def test_beyond_the_room_one_is_refused_and_nothing_is_done_of_it(works: Works):
    gatherer = Gatherer(works, name="test", room=3)
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 4, 6], told)
        with pytest.raises(Busy) as refusal:
            gatherer.wait_for(8)
        assert refusal.value.code == "busy.too_many"
    assert done.wait(PATIENCE)
    assert works.batches == [[0], [2, 4, 6]]
    assert gatherer.wait_for(10) == 20, "there is room again"


def test_a_refusal_is_its_own_and_a_failure_everybodys_but_not_the_next_batchs(works: Works):
    gatherer = Gatherer(works, name="test")
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 3, 4], told)
    assert done.wait(PATIENCE)
    assert told == [[("t2", 4), ("t3", Refused("test.odd", number=3)), ("t4", 8)]]
    with pytest.raises(Refused):
        gatherer.wait_for(5)
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 13], told)
    assert done.wait(PATIENCE)
    assert [(ticket, type(answer)) for ticket, answer in told[0]] == [
        ("t2", RuntimeError),
        ("t13", RuntimeError),
    ]
    assert gatherer.wait_for(2) == 4


def test_callers_that_cannot_be_told_do_not_stop_the_others(works: Works, caplog):
    gatherer = Gatherer(works, name="test")

    def deaf(_found: Sequence[tuple[int, Any]]) -> None:
        raise OSError("gone")

    with works.busy(gatherer) as told:
        gatherer.ask(2, ticket=2, told=deaf)
        done = asked(gatherer, [4], told)
    assert done.wait(PATIENCE)
    assert told == [[("t4", 8)]]
    assert "callers could not be told" in caplog.text


def test_forty_threads_each_get_their_own_answer(works: Works):
    gatherer = Gatherer(works, name="test", most=8)
    answers: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: answers.__setitem__(n, gatherer.wait_for(n)))
        for n in range(0, 80, 2)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    assert answers == {n: 2 * n for n in range(0, 80, 2)}
    assert all(len(batch) <= 8 for batch in works.batches)


def test_a_batch_that_has_others_already_waits_for_those_just_answered(
    works: Works, monkeypatch: pytest.MonkeyPatch
):
    """Whoever was answered asks again a moment later: with those who waited it is one batch, not two."""
    past = [0.0]
    monkeypatch.setattr(gather, "monotonic", lambda: monotonic() + past[0])
    gatherer = Gatherer(works, name="test")
    answered = threading.Event()
    works.free.clear()
    gatherer.ask(0, ticket=None, told=lambda _found: answered.set())
    assert works.begun.wait(PATIENCE)
    told: list[Any] = []
    done = asked(gatherer, [2, 4], told)
    past[0] = 100.0  # so long did the first batch take: the next may wait for twenty
    works.free.set()
    assert answered.wait(PATIENCE)
    assert gatherer.wait_for(6) == 12
    assert done.wait(PATIENCE)
    assert works.batches == [[0], [2, 4, 6]]


def test_nobody_waits_longer_than_a_part_of_the_last_batch(works: Works):
    gatherer = Gatherer(works, name="test")
    with works.busy(gatherer) as told:
        done = asked(gatherer, [2, 4], told)
    assert done.wait(PATIENCE)  # whoever was answered did not come again
    assert works.batches == [[0], [2, 4]]
