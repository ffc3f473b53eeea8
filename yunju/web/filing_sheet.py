"""A round as the workbook an authority wants: its headings, its order, its unit of money. Text stays text."""

import io

import xlsxwriter

from yunju.filings.models import Return, Round
from yunju.filings.words import ReturnState
from yunju.kernel.money import EXPONENTS
from yunju.members.models import Payee, Role
from yunju.members.words import RoleKind
from yunju.ui import messages

YUAN = "（元）"
SCALED = {1_000: "（千元）", 10_000: "（万元）"}


def workbook(found: Round, *, currency: str) -> bytes:
    """Every member that was asked has a row, also one that has not handed in; its figures are then empty."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(str(found.period_from))
        bold = book.add_format({"bold": True, "text_wrap": True})
        exponent = EXPONENTS[currency] if found.scale == 1 else 6
        money = book.add_format({"num_format": "0." + "0" * exponent if exponent else "0"})
        first = 0
        if found.title:
            sheet.write_string(0, 0, found.title, bold)
            first = 1
        for column, one in enumerate(found.layout):
            sheet.set_column(column, column, 20 if column else 8)
            sheet.write_string(first, column, _heading(one["heading"], one["source"], found), bold)
        sheet.freeze_panes(first + 1, 0)
        for number, row in enumerate(_rows(found), start=1):
            for column, one in enumerate(found.layout):
                value = _value(row, one["source"], number, currency, found)
                if isinstance(value, str):
                    sheet.write_string(first + number, column, value)
                elif isinstance(value, float):
                    sheet.write_number(first + number, column, value, money)
                elif value is not None:
                    sheet.write_number(first + number, column, value)
    return buffer.getvalue()


def _heading(heading: str, source: str, found: Round) -> str:
    """A heading that names yuan says ten thousand yuan where the sheet counts in them."""
    is_money = any(column["code"] == source and column["kind"] == "money" for column in found.columns)
    if is_money and found.scale in SCALED and heading.endswith(YUAN):
        return heading.removesuffix(YUAN) + SCALED[found.scale]
    return heading


def _rows(found: Round) -> list[tuple[Return, str, str]]:
    """Returns by the name of their member, with its credit code and its owner's name: three queries."""
    rows = list(found.returns.select_related("member").order_by("member__name", "pk"))
    ids = [row.member_id for row in rows]
    firms = Payee.objects.filter(member_id__in=ids, id_kind="credit_code").values_list(
        "member_id", "licence_no"
    )
    owners = Role.objects.filter(member_id__in=ids, kind=RoleKind.OWNER, ended_at=None).order_by("-pk")
    names, codes = dict(owners.values_list("member_id", "user__name")), dict(firms)
    return [(row, codes.get(row.member_id, ""), names.get(row.member_id, "")) for row in rows]


def _value(
    row: tuple[Return, str, str], source: str, number: int, currency: str, found: Round
) -> str | int | float | None:
    given, credit_code, contact = row
    own: dict[str, str | int] = {
        "number": number,
        "name": given.member.name,
        "credit_code": credit_code,
        "contact": contact,
        "phone": given.member.phone.removeprefix("+86"),
        "state": messages.word("state", f"filing_{given.state}"),
    }
    if source in own:
        return own[source]
    if given.state != ReturnState.HANDED_IN or source not in given.values:
        return None
    value: str | int = given.values[source]
    kinds = {column["code"]: column["kind"] for column in found.columns}
    if kinds[source] == "money":
        return float(int(value) / 10 ** EXPONENTS[currency] / found.scale)
    return value
