"""A gateway's answer as JSON and back, so that an attempt keeps it and gives it to the same buyer again."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from yunju.payments.contract import Answer, AnswerKind, Form, Jsapi, Qr, Redirect

_KINDS: dict[type, AnswerKind] = {
    Jsapi: AnswerKind.JSAPI,
    Redirect: AnswerKind.REDIRECT,
    Form: AnswerKind.FORM,
    Qr: AnswerKind.QR,
}


def kind_of(answer: Answer) -> AnswerKind:
    return _KINDS[type(answer)]


def to_json(answer: Answer) -> dict[str, Any]:
    fields = asdict(answer)
    if isinstance(answer, Qr):
        fields["expires_at"] = answer.expires_at.isoformat()
    return {"kind": kind_of(answer).value, **fields}


def from_json(kept: dict[str, Any]) -> Answer:
    """The answer that `to_json` wrote. Raises KeyError or ValueError for anything else."""
    kind = AnswerKind(kept["kind"])
    if kind is AnswerKind.JSAPI:
        return Jsapi(params=dict(kept["params"]))
    if kind is AnswerKind.REDIRECT:
        return Redirect(url=kept["url"])
    if kind is AnswerKind.FORM:
        return Form(action=kept["action"], fields=dict(kept["fields"]))
    return Qr(text=kept["text"], expires_at=datetime.fromisoformat(kept["expires_at"]))
