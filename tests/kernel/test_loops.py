"""The worker's loops: a heartbeat after each, a note of each failure, and an alarm where one is silent."""

from datetime import timedelta

import pytest

from yunju.kernel import clock, loops
from yunju.kernel.ids import public_code
from yunju.kernel.loops import BURST, Loop
from yunju.kernel.models import Beat

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


@pytest.fixture
def name(monkeypatch):
    """A loop of this test's own, known to the house: heartbeats of others are none of its business."""
    made = f"test {public_code(8)}"
    monkeypatch.setattr(loops, "registered", {made: Loop(made, 5, lambda: 0)})
    yield made
    Beat.objects.filter(name__startswith=made).delete()


def is_late(name: str) -> bool:
    return name in [beat.name for beat in loops.late()]


def test_a_loop_runs_until_it_finds_nothing_and_leaves_a_heartbeat(name):
    work = [3, 2, 0, 9]
    assert loops.run_once(Loop(name, 5, lambda: work.pop(0))) == 5
    assert work == [9]
    beat = Beat.objects.get(name=name)
    assert (beat.done, beat.error, beat.every_seconds) == (5, "", 5)
    assert not is_late(name)


def test_a_loop_with_endless_work_lets_the_others_have_their_turn(name):
    assert loops.run_once(Loop(name, 5, lambda: 1)) == BURST


def test_a_failure_is_an_alarm_until_it_runs_again(name):
    def fail():
        raise ValueError("no")

    assert loops.run_once(Loop(name, 5, fail)) == 0
    assert Beat.objects.get(name=name).error == "ValueError: no"
    assert is_late(name)
    loops.run_once(Loop(name, 5, lambda: 0))
    assert Beat.objects.get(name=name).error == ""
    assert not is_late(name)


def test_what_was_done_before_a_failure_is_counted(name):
    work = iter([4])
    assert loops.run_once(Loop(name, 5, lambda: next(work))) == 4


@pytest.mark.parametrize("words", ["a\x00b", "\ud800"])
def test_whatever_a_failure_says_it_is_noted(name, words):
    def fail():
        raise ValueError(words)

    loops.run_once(Loop(name, 5, fail))
    assert Beat.objects.get(name=name).error.startswith("ValueError: ")


def test_silence_of_three_rounds_and_a_minute_is_late(name):
    start = clock.now()
    with clock.at(start):
        loops.run_once(Loop(name, 30, lambda: 0))
    with clock.at(start + timedelta(seconds=90)):
        assert not is_late(name)
    with clock.at(start + timedelta(seconds=91)):
        assert is_late(name)


def test_each_loop_runs_when_its_time_has_come(name):
    ran = []
    loops.register(Loop(name, 60, lambda: ran.append(1) or 0))
    last, start = {}, clock.now()
    for seconds in (0, 59, 60, 61, 121):
        with clock.at(start + timedelta(seconds=seconds)):
            loops.run_due(last)
    assert len(ran) == 3


def test_one_broken_loop_stops_no_other(name):
    def fail():
        raise ValueError("a\x00b")

    ran = []
    loops.register(Loop(name, 1, fail))
    loops.register(Loop(f"{name} 2", 1, lambda: ran.append(1) or 0))
    loops.run_due({})
    assert ran == [1]
