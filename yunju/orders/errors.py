"""The refusals of orders that carry more than a code."""

from yunju.kernel.errors import Refused, YunjuError


def to_answer(error: YunjuError) -> dict[str, object]:
    """A business refusal as it is stored under its key: code and parameters, no sentence."""
    return {"refused": error.code, "field": error.field, "params": error.params}


def from_answer(answer: dict[str, object]) -> Refused:
    """The stored refusal again, as it was first told."""
    params = answer.get("params")
    field = answer.get("field")
    return Refused(
        str(answer["refused"]),
        field=field if isinstance(field, str) else None,
        **(params if isinstance(params, dict) else {}),
    )
