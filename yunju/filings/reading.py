"""What people type into a form's columns, read exactly. Pure.

A column is {code, name, kind, unit, required}. Money comes back in minor units, a count as an int, a note as text;
what was left empty is absent. Nothing is rounded and nothing is guessed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from yunju.filings.words import COLUMNS_MOST, NOTE_MOST, OWN_SOURCES, ColumnKind
from yunju.kernel.errors import Invalid
from yunju.kernel.money import parse_minor
from yunju.members import inputs

Column = Mapping[str, Any]
_COUNT = re.compile(r"-?\d{1,12}", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
JUMP = 10
"""A figure so many times the one of the quarter before (or its part) is asked about once more."""


def values(
    columns: Sequence[Column], typed: Mapping[str, str], *, currency: str, whole: bool
) -> dict[str, int | str]:
    """What was typed by the code of its column. `whole`: required columns must be filled (handing in, not a draft).

    Raises Invalid or InvalidMany with the codes of the columns at fault as fields.
    """
    found: dict[str, int | str] = {}
    with inputs.Faults() as check:
        for column in columns:
            text = str(typed.get(column["code"], "")).strip()
            if text:
                found[column["code"]] = check(_read, column, text, currency)
            elif whole and column["required"]:
                check(_missing, column)
    return found


def _missing(column: Column) -> None:
    raise Invalid("filing.column_missing", field=column["code"], name=column["name"])


def _read(column: Column, text: str, currency: str) -> int | str:
    kind = ColumnKind(column["kind"])
    if kind is ColumnKind.NOTE:
        return inputs.text(text, field=column["code"], most=NOTE_MOST)
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if kind is ColumnKind.COUNT:
        if not _COUNT.fullmatch(plain) or int(plain) < 0:
            raise Invalid("filing.no_count", field=column["code"], name=column["name"])
        return int(plain)
    try:
        return parse_minor(plain, currency)
    except ValueError as error:
        raise Invalid("filing.no_amount", field=column["code"], name=column["name"]) from error


def jumps(
    columns: Sequence[Column], now: Mapping[str, int | str], before: Mapping[str, int | str]
) -> list[str]:
    """Codes of figures that are JUMP times what they were, or its tenth: most often a unit mistaken (元 and 万元)."""
    found = []
    for column in columns:
        new, old = now.get(column["code"]), before.get(column["code"])
        if isinstance(new, int) and isinstance(old, int) and new and old:
            larger, smaller = max(abs(new), abs(old)), min(abs(new), abs(old))
            if larger >= JUMP * smaller:
                found.append(str(column["code"]))
    return found


def columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns of a form as they are kept: names unique, codes given where there are none."""
    kept: list[dict[str, Any]] = []
    with inputs.Faults() as check:
        for number, row in enumerate(rows, start=1):
            kept.append(check(_column, row, number))
    if not 1 <= len(kept) <= COLUMNS_MOST:
        raise Invalid("filing.columns", field="columns", most=COLUMNS_MOST)
    for key in ("code", "name"):
        seen = [column[key] for column in kept]
        twice = next((value for value in seen if seen.count(value) > 1), None)
        if twice is not None:
            raise Invalid("filing.column_twice", field="columns", name=twice)
    return kept


def _column(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    code = str(row.get("code") or f"column_{number}")
    if not _CODE.fullmatch(code) or code in OWN_SOURCES:
        raise Invalid("filing.column_code", field=f"columns-{number}")
    kind = str(row.get("kind", ""))
    if kind not in set(ColumnKind):
        raise Invalid("filing.column_kind", field=f"columns-{number}")
    return {
        "code": code,
        "name": inputs.text(str(row.get("name", "")), field=f"columns-{number}", most=40),
        "kind": kind,
        "unit": inputs.text(str(row.get("unit", "")), field=f"columns-{number}", most=10, least=0),
        "required": bool(row.get("required")),
    }


def layout(rows: Sequence[Mapping[str, str]], kept: Sequence[Column]) -> list[dict[str, str]]:
    """The headings of the exported sheet in their order; each source once, every one known."""
    known = {*OWN_SOURCES, *(column["code"] for column in kept)}
    found = [
        {
            "source": row["source"],
            "heading": inputs.text(row.get("heading", ""), field="layout", most=60),
        }
        for row in rows
    ]
    sources = [row["source"] for row in found]
    if not found or set(sources) - known or len(set(sources)) != len(sources):
        raise Invalid("filing.layout", field="layout")
    return found


def usual_layout(kept: Sequence[Column]) -> list[dict[str, str]]:
    """Number, name and credit code, then every column with its unit: what most authorities' sheets look like."""
    first = [("number", "序号"), ("name", "单位名称"), ("credit_code", "统一社会信用代码")]
    rest = [(c["code"], f"{c['name']}（{c['unit']}）" if c["unit"] else c["name"]) for c in kept]
    last = [("contact", "联系人"), ("phone", "联系电话")]
    return [{"source": source, "heading": heading} for source, heading in [*first, *rest, *last]]
