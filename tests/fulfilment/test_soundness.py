"""A flow that is badly made does not start: each kind of fault is seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from yunju.fulfilment import registry
from yunju.fulfilment.contract import STAYS, Flow, Label, Move, State, Timer, Who
from yunju.fulfilment.soundness import carried_timers, faults
from yunju.kernel.errors import Invalid

WORD = Label("词", "word")
B, T = frozenset({Who.BUYER}), frozenset({Who.TIMER})
WAITING = State(
    WORD, {"done": Move("end", B, WORD), "over": Move("end", T, WORD)}, (Timer("t", "over", timedelta(1)),)
)
SOUND = Flow("test", "open", {"open": WAITING, "end": State(WORD, is_end=True)})


def with_state(name: str, state: State) -> Flow:
    return replace(SOUND, states={**SOUND.states, name: state})


def with_move(event: str, move: Move) -> Flow:
    return with_state("open", replace(WAITING, moves={**WAITING.moves, event: move}))


def test_a_sound_flow_has_no_faults():
    assert faults(SOUND) == []


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (replace(SOUND, initial="nowhere"), "does not exist"),
        (with_move("go", Move("nowhere", B, WORD)), "leads to nowhere"),
        (with_move("go", Move("end", frozenset(), WORD)), "by nobody"),
        (with_move("go", Move("end", B, WORD, needs="never")), "nothing causes"),
        (with_move("go", Move(STAYS, B, WORD, extends="t")), "must be a mark, and once"),
        (with_move("go", Move("end", B, Label("", ""))), "no words"),
        (with_move("x" * 31, Move("end", B, WORD)), "longer than 30"),
        (with_state("x" * 21, WAITING), "longer than 20"),
        (with_state("open", replace(WAITING, timers=(Timer("t", "done"),))), "where no timer may"),
        (with_state("open", replace(WAITING, timers=WAITING.timers * 2)), "two timers of one key"),
        (with_state("open", replace(WAITING, timers=())), "waits for ever"),
        (with_state("pit", State(WORD)), "reaches no end"),
        (with_state("end", replace(WAITING, is_end=True)), "something happens after it"),
    ],
)
def test_each_fault_is_seen(flow, words):
    assert any(words in fault for fault in faults(flow)), faults(flow)


def test_timers_that_a_move_carries_along_must_be_at_home_there():
    flow = with_move("peek", Move("next", B, WORD, keeps_timers=True))
    deaf = State(WORD, {"late": Move("end", T, WORD)}, (Timer("l", "late", timedelta(1)),))
    flow = replace(flow, states={**flow.states, "next": deaf})
    assert carried_timers(flow)["next"] == {"over", "late"}
    assert any("may cause over in next" in fault for fault in faults(flow))


def test_a_circle_of_timers_is_no_end():
    ping = State(
        WORD, {"t": Move("pong", T, WORD), "out": Move("end", B, WORD)}, (Timer("t", "t", timedelta(1)),)
    )
    pong = State(WORD, {"t": Move("ping", T, WORD)}, (Timer("t", "t", timedelta(1)),))
    flow = Flow("test", "ping", {"ping": ping, "pong": pong, "end": State(WORD, is_end=True)})
    assert [fault for fault in faults(flow) if "waits for ever" in fault] == [
        "ping waits for ever when all keep silent",
        "pong waits for ever when all keep silent",
    ]


class Unsound:
    code = "test"
    label = WORD
    flow = replace(SOUND, initial="nowhere")


def test_an_unsound_mode_is_not_registered():
    with pytest.raises(ValueError, match="does not exist"):
        registry.register({"test": Unsound()})
    with pytest.raises(Invalid):
        registry.mode("test")
