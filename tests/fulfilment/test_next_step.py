"""The pure flow function on a small table of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from yunju.fulfilment.contract import STAYS, Effect, Flow, Label, Move, State, Timer, TimerDue, Who
from yunju.fulfilment.flow import Standing, moves_for, next_step
from yunju.kernel.errors import Forbidden, Refused

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, T = frozenset({Who.BUYER}), frozenset({Who.SUPPLIER}), frozenset({Who.TIMER})
WORD = Label("词", "word")
FLOW = Flow(
    code="test",
    initial="open",
    states={
        "open": State(
            WORD,
            {
                "go": Move("gone", B, WORD),
                "peek": Move("gone", B, WORD, keeps_timers=True),
                "more": Move(STAYS, A, WORD, once=True, extends="wait", extends_by=3 * DAY),
                "warn": Move(STAYS, T, WORD),
                "leave": Move("gone", A, WORD, needs="warn"),
                "yield": Move("gone", B, WORD, in_dispute=True),
                "end": Move("gone", T, WORD),
            },
            (
                Timer("wait", "end", 10 * DAY, abroad=30 * DAY),
                Timer("warning", "warn", DAY),
                Timer("frozen", "end", wait="after_sale"),
            ),
        ),
        "gone": State(
            WORD,
            {
                "more": Move(STAYS, A, WORD, once=True, extends="wait", extends_by=3 * DAY),
                "end": Move("over", T, WORD),
            },
            (Timer("wait", "end", 7 * DAY),),
            frozenset({Effect.RECEIVED}),
        ),
        "over": State(WORD, is_end=True),
    },
)
RUNNING = (TimerDue("wait", "end", NOW + 4 * DAY), TimerDue("warning", "warn", NOW))


def step(event, who, **standing):
    return next_step(FLOW, Standing(**({"state": "open", "timers": RUNNING} | standing)), event, who, NOW)


def test_a_move_enters_the_state_with_its_timers_and_effects():
    taken = step("go", Who.SUPPLIER)
    assert (taken.before, taken.after, taken.effects) == ("open", "gone", {Effect.RECEIVED})
    assert taken.timers == (TimerDue("wait", "end", NOW + 7 * DAY),)


def test_a_mark_stays_and_uses_up_its_own_timer_only():
    taken = step("warn", Who.TIMER)
    assert (taken.before, taken.after, taken.effects) == ("open", "open", frozenset())
    assert taken.timers == RUNNING[:1]


def test_a_move_may_keep_the_clocks():
    assert step("peek", Who.SUPPLIER).timers == RUNNING


def test_an_extension_moves_one_timer_once():
    assert step("more", Who.BUYER).timers == (TimerDue("wait", "end", NOW + 7 * DAY), RUNNING[1])
    with pytest.raises(Refused) as refused:
        step("more", Who.BUYER, happened=frozenset({"more"}))
    assert refused.value == Refused("flow.done_already", event="more")
    with pytest.raises(Refused) as refused:
        step("more", Who.BUYER, timers=())
    assert refused.value == Refused("flow.nothing_to_extend", event="more")


def test_what_was_extended_stays_extended_in_the_next_state():
    assert step("go", Who.SUPPLIER, happened=frozenset({"more"})).timers == (
        TimerDue("wait", "end", NOW + 10 * DAY),
    )


@pytest.mark.parametrize(
    ("event", "who", "standing", "refusal"),
    [
        ("nothing", Who.BUYER, {}, Refused("flow.forbidden", event="nothing", state="open")),
        ("go", Who.SUPPLIER, {"state": "over"}, Refused("flow.forbidden", event="go", state="over")),
        ("go", Who.SUPPLIER, {"state": ""}, Refused("flow.forbidden", event="go", state="")),
        ("go", Who.BUYER, {}, Forbidden("flow.not_yours", event="go")),
        ("leave", Who.BUYER, {}, Refused("flow.too_early", event="leave")),
        ("go", Who.SUPPLIER, {"is_disputed": True}, Refused("flow.disputed", event="go")),
        ("end", Who.TIMER, {"is_disputed": True}, Refused("flow.disputed", event="end")),
    ],
)
def test_refusals(event, who, standing, refusal):
    with pytest.raises(type(refusal)) as refused:
        step(event, who, **standing)
    assert refused.value == refusal


def test_needs_are_met_by_what_happened():
    assert step("leave", Who.BUYER, happened=frozenset({"warn"})).after == "gone"


def test_a_dispute_lets_the_generous_move_through():
    assert step("yield", Who.SUPPLIER, is_disputed=True).after == "gone"


@pytest.mark.parametrize(("is_abroad", "days"), [(False, 10), (True, 30)])
def test_waits_are_those_of_the_order(is_abroad, days):
    back = Flow("test", "over", FLOW.states | {"over": State(WORD, {"back": Move("open", B, WORD)})})
    standing = Standing(state="over", waits={"after_sale": 14 * DAY}, is_abroad=is_abroad)
    due = {
        timer.key: timer.due_at - NOW for timer in next_step(back, standing, "back", Who.SUPPLIER, NOW).timers
    }
    assert due == {"wait": days * DAY, "warning": DAY, "frozen": 14 * DAY}


def test_buttons_are_the_moves_that_would_work():
    assert moves_for(FLOW, Standing("open", RUNNING), Who.BUYER, NOW) == ["more"]
    assert moves_for(FLOW, Standing("open", RUNNING, frozenset({"warn", "more"})), Who.BUYER, NOW) == [
        "leave"
    ]
    assert moves_for(FLOW, Standing(""), Who.BUYER, NOW) == []
