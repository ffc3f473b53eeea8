"""What `yunju up` remembers between two runs of one home: nothing that could not be made again."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class State:
    """`demo`: the log-ins that the demonstration printed when it was loaded; None before that.

    `clock_shift_hours`: how far ahead of the machine the running house lives, for the commands beside it.
    """

    demo: tuple[str, ...] | None = None
    gateway_port: int = 0
    clock_shift_hours: int = 0


def read(home: Path) -> State:
    path = home / "state.json"
    if not path.exists():
        return State()
    kept = json.loads(path.read_text(encoding="utf-8"))
    demo = kept.get("demo")
    return State(
        demo=None if demo is None else tuple(demo),
        gateway_port=int(kept.get("gateway_port", 0)),
        clock_shift_hours=int(kept.get("clock_shift_hours", 0)),
    )


def write(home: Path, **changes: object) -> None:
    new = replace(read(home), **changes)  # type: ignore[arg-type]
    part = home / "state.part"
    part.write_text(json.dumps(asdict(new), ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(home / "state.json")
