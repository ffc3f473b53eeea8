"""The registered modes. `config` hands them over at start-up; the rooms below ask here and import no mode."""

from collections.abc import Mapping

from yunju.fulfilment.contract import Mode
from yunju.fulfilment.soundness import faults
from yunju.kernel.errors import Invalid

_modes: dict[str, Mode] = {}


def register(modes: Mapping[str, Mode]) -> None:
    """Take over the modes by code. Raises ValueError for a flow that is not sound: a bug that must not start."""
    for code, one in modes.items():
        wrong = [
            *faults(one.flow),
            *([] if one.code == one.flow.code == code else [f"is not called {code} everywhere"]),
        ]
        if wrong:
            raise ValueError(f"mode {code}: {'; '.join(wrong)}")
    _modes.update(modes)


def mode(code: str) -> Mode:
    """The mode of that code. Raises Invalid (`mode.unknown`)."""
    if code not in _modes:
        raise Invalid("mode.unknown", field="mode", mode=code)
    return _modes[code]


def all_modes() -> Mapping[str, Mode]:
    """Every registered mode by code."""
    return dict(_modes)
