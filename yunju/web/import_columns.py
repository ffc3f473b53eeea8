"""A person says what the columns of a file are: its first rows, and a choice above each column. Kept for the next such file."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages as flash
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from yunju.catalog.actions import import_runs
from yunju.catalog.csvfile import Record
from yunju.catalog.importing.formats import CHOICES, FORMATS, TABLE, normal
from yunju.catalog.importing.layout import Said
from yunju.kernel.errors import Invalid, Refused
from yunju.ui import messages
from yunju.web.imports import formats, own_run
from yunju.web.request import Request, go

MOST_COLUMNS, SHOWN_ROWS, SHOWN_CELL, MOST_HEAD = 80, 6, 40, 5


@dataclass(frozen=True, slots=True)
class Column:
    """One column as it is asked about."""

    number: int
    head: str
    cells: list[str]
    chosen: str

    @property
    def name(self) -> str:
        return f"c{self.number}"


@require_http_methods(["GET", "POST"])
def import_columns(request: Request, code: str, run_id: int) -> HttpResponse:
    """The kept file, read as somebody says."""
    member, run = own_run(request, code, run_id)
    if not import_runs.may_be_read_again(run):
        flash.error(request, messages.sentence("import.file_gone", {}))
        return go(request, "import_run", member.code, run.pk)
    problem = ""
    if request.method == "POST":
        try:
            following = import_runs.read_again(run_id=run.pk, said=_said(request), by=request.actor)
        except (Refused, Invalid) as refusal:
            problem = messages.of(refusal)
        else:
            return go(request, "import_run", member.code, following.pk)
    try:
        rows = import_runs.preview(run_id=run.pk, by=request.actor)
    except (Refused, Invalid) as refusal:
        flash.error(request, messages.of(refusal))
        return go(request, "imports", member.code)
    head = _head(request, rows)
    asked = columns(request, rows, head)
    told = {
        "here": "work",
        "member": member,
        "run": run,
        "problem": problem,
        "columns": asked,
        "lacking": lacking(asked),
        "head": head,
        "heads": range(MOST_HEAD + 1),
        "choices": [(column, messages.word("import.column", column)) for column in CHOICES],
        "formats": formats(),
    }
    return render(request, "web/supplier/import_columns.html", told, status=422 if problem else 200)


def _said(request: Request) -> Said:
    chosen = [request.POST.get(f"c{number}", "") for number in range(MOST_COLUMNS)]
    while chosen and not chosen[-1]:
        chosen.pop()
    head = request.POST.get("head", "1")
    if not chosen:
        raise Invalid(
            "import.column_missing", field="columns", column=messages.word("import.column", "Title")
        )
    return Said(columns=tuple(chosen), head=int(head) if head in map(str, range(MOST_HEAD + 1)) else 1)


def _head(request: Request, rows: Sequence[Record]) -> int:
    """The row of the heads: as said, else the one with most cells that some format knows."""
    said = request.POST.get("head", "")
    if said in map(str, range(MOST_HEAD + 1)):
        return int(said)
    known = {name for kind in FORMATS.values() for name in kind.by_name}
    best = max(
        rows[:MOST_HEAD], key=lambda record: sum(normal(cell) in known for cell in record[1]), default=None
    )
    if best is None or not any(normal(cell) in known for cell in best[1]):
        return 1
    return best[0]


def columns(request: Request, rows: Sequence[Record], head: int) -> list[Column]:
    """Each column with its first cells and the best guess of what it is; no guess is made twice."""
    heads = next((cells for number, cells in rows if number == head), [])
    below = [cells for number, cells in rows if number > head][:SHOWN_ROWS]
    width = min(max((len(cells) for _, cells in rows), default=0), MOST_COLUMNS)
    found, taken = [], set()
    for number in range(width):
        name = heads[number].strip() if number < len(heads) else ""
        guess = _guess(name)
        chosen = request.POST.get(f"c{number}", "" if guess in taken else guess)
        taken.add(chosen)
        cells = [cells[number][:SHOWN_CELL] if number < len(cells) else "" for cells in below]
        found.append(Column(number, name[:SHOWN_CELL], cells, chosen))
    return found


def lacking(asked: Sequence[Column]) -> list[tuple[str, str]]:
    """What no column is said to be yet, though nothing can be imported without it: name for the style sheet, and word."""
    chosen = {one.chosen for one in asked}
    needed = [column for column in TABLE.required if column not in chosen]
    return [(column.split()[-1].lower(), messages.word("import.column", column)) for column in needed]


def _guess(head: str) -> str:
    name = normal(head)
    for kind in (FORMATS["table"], *FORMATS.values()):
        column = kind.by_name.get(name, "")
        if column in CHOICES:
            return column
    return ""
