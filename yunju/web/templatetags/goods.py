"""A cell of the table of goods: its name, what stands in it, what the page showed first, what is wrong with it."""

from dataclasses import dataclass

from django import template

from yunju.web.goods import GoodsRow

register = template.Library()


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the form."""

    name: str
    value: str
    was: str
    fault: str


@register.simple_tag
def cell(row: GoodsRow, kind: str, code: str) -> Cell:
    """The cell of that kind in a row."""
    name = f"{kind}_{code}"
    return Cell(name, row.cells[name], row.was[name], row.faults.get(name, ""))
