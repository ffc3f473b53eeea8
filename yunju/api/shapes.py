"""What bodies, codes and pages look like, and how strictly they are read."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest
from ninja import Schema
from ninja.parser import Parser
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt

from yunju.kernel.errors import Invalid, NotFound
from yunju.kernel.money import MAX_MINOR

T = TypeVar("T")
PAGE_DEFAULT, PAGE_MOST = 30, 100
_CODE = re.compile(r"[0-9A-Za-z_-]{1,40}", re.ASCII)


class Body(BaseModel):
    """What a caller sends: unknown keys are refused, numbers are numbers, text is text."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Shape(Schema):
    """What we answer."""


def _known_form(code: str) -> str:
    """A code of another form names nothing here; it never reaches the database."""
    if not _CODE.fullmatch(code):
        raise NotFound("api.no_such")
    return code


def _storable(text: str) -> str:
    if "\x00" in text:
        raise Invalid("input.control_characters")
    return text


Code = Annotated[str, AfterValidator(_known_form)]
Text = Annotated[str, Field(max_length=5_000), AfterValidator(_storable)]
Minor = Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=PAGE_MOST)]


class Paging(Schema):
    """Where a list goes on, and how many a page has."""

    model_config = ConfigDict(extra="forbid")
    cursor: Annotated[str, Field(max_length=200)] = ""
    limit: Limit = PAGE_DEFAULT


class Page(Schema, Generic[T]):
    """One page; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None


def cursor(values: Sequence[int]) -> str:
    """Where the next page begins: the sort values of the last row."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def read_cursor(text: str, length: int) -> tuple[int, ...] | None:
    """The sort values again; None for the first page. Raises Invalid for anything that is not one of ours."""
    if not text:
        return None
    try:
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid("api.cursor", field="cursor") from error
    whole = isinstance(values, list) and len(values) == length
    if not whole or not all(type(value) is int and abs(value) < 2**62 for value in values):
        raise Invalid("api.cursor", field="cursor")
    return tuple(values)


class StrictParser(Parser):
    """JSON without the freedoms of Python's reader: no NaN, no key twice, one object."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        parsed = json.loads(request.body, parse_constant=_no_constant, object_pairs_hook=_unique)
        if not isinstance(parsed, dict):
            raise ValueError("a body is an object")
        return parsed


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
