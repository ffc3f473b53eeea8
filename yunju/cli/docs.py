"""`yunju docs`: draws the page of every mode from the data that also moves its orders. `--check` only compares."""

import argparse
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from yunju.cli.say import complain, say
from yunju.fulfilment import registry
from yunju.fulfilment.contract import STAYS, Label, Mode, Move, State, Timer

FOLDER = Path("docs") / "modes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 when a page is out of date"
    )


def run(args: argparse.Namespace) -> int:
    stale = [mode for mode in registry.all_modes().values() if read(mode) != page(mode)]
    for mode in stale:
        if args.check:
            complain(f"{path_of(mode)} is out of date: make docs")
        else:
            path_of(mode).parent.mkdir(parents=True, exist_ok=True)
            path_of(mode).write_text(page(mode), encoding="utf-8")
            say(f"{path_of(mode)} is drawn.")
    return 1 if args.check and stale else 0


def path_of(mode: Mode) -> Path:
    return FOLDER / f"{mode.code}.md"


def read(mode: Mode) -> str:
    path = path_of(mode)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def page(mode: Mode) -> str:
    """The whole page, the same for the same data."""
    frees = mode.releases
    money = f"`{frees.state}` makes a unit final, the wait `{frees.wait}` runs, release is due at {frees.at_hour}:00 of the next day."
    lines = [
        f"# {mode.label.en} · {mode.label.zh} (`{mode.code}`)",
        "",
        "Drawn from the mode's own table by `make docs`; edits here are lost.",
        "",
        f"An order begins as `{mode.flow.initial}` ({both(mode.flow.start)}). Money: {money}",
        "",
        *asked(mode),
        "| state | event | who | leads to |",
        "|---|---|---|---|",
        *(row for name, state in mode.flow.states.items() for row in moves(name, state)),
        "",
        "| state | entering it does | when nobody does anything |",
        "|---|---|---|",
        *(silence(name, state) for name, state in mode.flow.states.items()),
        "",
    ]
    return "\n".join(lines)


def asked(mode: Mode) -> Iterator[str]:
    asks = mode.asks()
    if asks:
        yield (
            "The buyer is asked: "
            + ", ".join(f"{both(ask.label)}{'' if ask.required else ' (optional)'}" for ask in asks)
            + "."
        )
        yield ""


def moves(name: str, state: State) -> Iterator[str]:
    start = f"`{name}` {both(state.label)}"
    if not state.moves:
        yield f"| {start} | | | an end |" if state.is_end else f"| {start} | | | |"
    for event, move in state.moves.items():
        who = ", ".join(sorted(move.who))
        yield f"| {start} | `{event}` {both(move.label)} | {who} | {target(move)} |"


def target(move: Move) -> str:
    words = ["stays" if move.to == STAYS else f"`{move.to}`"]
    if move.needs:
        words.append(f"only after `{move.needs}`")
    if move.once:
        words.append("once")
    if move.extends:
        words.append(f"moves `{move.extends}` by {span(move.extends_by)}")
    if move.in_dispute:
        words.append("also in a dispute")
    return ", ".join(words)


def silence(name: str, state: State) -> str:
    effects = ", ".join(sorted(effect.replace("_", " ") for effect in state.effects))
    return f"| `{name}` | {effects} | {'; '.join(after(timer) for timer in state.timers)} |"


def after(timer: Timer) -> str:
    wait = timer.wait.replace("_", " ") if timer.wait else span(timer.after)
    abroad = f" ({span(timer.abroad)} abroad)" if timer.abroad is not None else ""
    return f"`{timer.event}` after {wait}{abroad}"


def both(label: Label) -> str:
    return f"{label.zh} {label.en}".strip()


def span(length: timedelta) -> str:
    """In the largest unit that is whole."""
    seconds = int(length.total_seconds())
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {word}"
    return f"{seconds} s"
