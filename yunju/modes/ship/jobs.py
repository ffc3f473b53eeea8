"""The long work of ship as jobs: files of parcels, and lists of numbers read back. `config` registers them."""

import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import xlsxwriter
from django.core.files import File
from django.utils import translation

from yunju.catalog.models import Place
from yunju.kernel import clock, jobs
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.kernel.ids import public_code
from yunju.kernel.jobs import Progress
from yunju.kernel.models import Job, private_files
from yunju.members import policy
from yunju.members.models import Cluster, Member, User
from yunju.members.queries import actor_for
from yunju.members.words import Permission
from yunju.modes.ship import files, numbers, sheet
from yunju.modes.ship.actions.waves import own_wave
from yunju.modes.ship.columns import PER_FILE
from yunju.modes.ship.models import Wave
from yunju.modes.ship.waves import file_rows, in_wave, layout_of, ready
from yunju.ui import messages

EXPORT, NUMBERS = "ship.export", "ship.numbers"
FAULTS_SHOWN = 50
"""So many rows that were not taken stand on the page of the job; all of them stand in its file."""


def register() -> None:
    """Called once at start-up."""
    jobs.register(EXPORT, export, per_hour=60)
    jobs.register(NUMBERS, read_numbers, per_hour=60)


def ask_export(*, supplier_id: int, wave: str = "", back: str = "", by: Actor) -> Job:
    """The parcels of a wave, or all that are ready, as a file of the supplier's layout."""
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    if wave and own_wave(wave, by).supplier_id != supplier_id:
        raise NotFound("ship.wave_unknown")
    params = {"supplier": supplier_id, "wave": wave, "language": translation.get_language() or ""}
    needs = (supplier_id, Permission.ORDER_SHIP)
    return jobs.start(kind=EXPORT, params=params, by=by, back=back, needs=needs)


def export(progress: Progress) -> None:
    """Reads 5,000 parcels a statement and writes a workbook of each."""
    by, supplier = _who(progress)
    code = str(progress.params["wave"])
    wave = own_wave(code, by) if code else None
    cluster = supplier.cluster
    progress.total((in_wave(wave) if wave else ready(by.cluster_id, supplier.pk)).count())
    with (
        translation.override(str(progress.params["language"])),
        tempfile.TemporaryDirectory(prefix="yunju-parcels-") as folder,
    ):
        layout = layout_of(by.cluster_id, supplier.pk)
        shape = files.Shape(layout, sender_of(supplier), cluster.timezone, cluster.currency)
        chunks = file_rows(by.cluster_id, supplier.pk, wave, chunk=PER_FILE)
        path, count = files.write_files(shape, chunks, Path(folder), told=progress.done)
        if not count:
            raise Invalid("ship.nothing_to_export")
        day = clock.local_day(clock.now(), cluster.timezone)
        progress.file(f"{day:%Y%m%d}-{f'W{wave.number}' if wave else 'all'}{path.suffix}", path)
    if wave:
        Wave.objects.filter(pk=wave.pk).update(exported_at=clock.now())
    progress.tell("ship.exported", count=count)


def sender_of(supplier: Member) -> files.Sender:
    """Name, phone and first place of the supplier."""
    place = Place.objects.filter(supplier=supplier, closed_at=None).order_by("position", "pk").first()
    where = (place.province, place.city, place.address) if place else (supplier.province, supplier.city, "")
    address = "".join([files.shown_province(where[0]), *where[1:]])
    return files.Sender(supplier.name, supplier.phone, address)


def ask_numbers(
    *, supplier_id: int, file: BinaryIO, name: str, carrier: str, back: str = "", by: Actor
) -> Job:
    """A list of tracking numbers to be read in. `carrier` is meant where a row names none, `back` is the page that asks."""
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    suffix = ".xlsx" if file.read(4) == b"PK\x03\x04" else ".csv"
    file.seek(0, 2)
    if file.tell() > sheet.MOST_BYTES:
        raise Invalid("ship.file_large", field="file", most=sheet.MOST_BYTES // 1_000_000)
    file.seek(0)
    # Beside the files that jobs make: what nobody knows of any more is cleared away there.
    stored = private_files().save(f"{jobs.FOLDER}/{public_code()}{suffix}", File(file))
    params = {
        "supplier": supplier_id,
        "file": stored,
        "carrier": carrier,
        "language": translation.get_language() or "",
    }
    needs = (supplier_id, Permission.ORDER_SHIP)
    return jobs.start(kind=NUMBERS, params=params, by=by, title=name, back=back, needs=needs)


def read_numbers(progress: Progress) -> None:
    """Sends what is right, chunk by chunk; hands back the same file with a word on each row."""
    by, supplier = _who(progress)
    given = progress.params
    store = private_files()
    if not store.exists(given["file"]):
        raise Invalid("ship.file_gone", field="file")
    with (
        translation.override(str(given["language"])),
        tempfile.TemporaryDirectory(prefix="yunju-numbers-") as folder,
    ):
        with store.open(given["file"], "rb") as source, sheet.rows_of(source) as rows:
            table = list(rows)
        if len(table) < 2:
            raise Invalid("ship.file_empty", field="file")
        _send_table(progress, (by, supplier), table, Path(folder) / "told.xlsx")
    store.delete(given["file"])


def _send_table(
    progress: Progress, who: tuple[Actor, Member], table: Sequence[Sequence[str]], told: Path
) -> None:
    by, supplier = who
    places = numbers.header_places(table[0], layout_of(by.cluster_id, supplier.pk))
    read = [numbers.given(row, places, str(progress.params["carrier"])) for row in table[1:]]
    rows = [row for row in read if row is not None]
    progress.total(len(rows))
    outcome = numbers.send_all(supplier_id=supplier.pk, rows=rows, by=by, told=progress.done)
    verdicts = iter(outcome.verdicts)
    by_row = [None if row is None else next(verdicts) for row in read]
    _write_told(table, by_row, told)
    progress.file(f"{Path(progress.title).stem[:100] or 'numbers'}-read.xlsx", told)
    progress.report(
        sent=outcome.sent, repeated=outcome.repeated, refused=outcome.refused, faults=_shown(read, by_row)
    )
    progress.tell("ship.numbers_sent", count=outcome.sent)
    if outcome.repeated:
        progress.tell("ship.numbers_repeated", count=outcome.repeated)
    if outcome.refused:
        progress.tell("ship.numbers_refused", count=outcome.refused)


def _shown(
    read: Sequence[numbers.Given | None], verdicts: Sequence[numbers.Verdict | None]
) -> list[dict[str, object]]:
    """The first rows that were not taken, for the page: as the file counts them, the heads being row 1."""
    wrong = (
        {"row": line, "about": given.number[:40], "code": verdict.fault.code, "params": verdict.fault.params}
        for line, (given, verdict) in enumerate(zip(read, verdicts, strict=True), start=2)
        if given is not None and verdict is not None and verdict.fault is not None
    )
    return list(islice(wrong, FAULTS_SHOWN))


def _write_told(
    table: Sequence[Sequence[str]], verdicts: Sequence[numbers.Verdict | None], target: Path
) -> None:
    """The rows as they were given, and behind each what became of it."""
    width = max(len(row) for row in table)
    with xlsxwriter.Workbook(str(target), files.OPTIONS) as book:
        sheet_ = book.add_worksheet()
        wrong = book.add_format({"bg_color": "#F6DEDA", "bold": True})
        sheet_.set_column(0, width - 1, 20)
        sheet_.set_column(width, width, 60)
        for place, cell in enumerate(table[0]):
            sheet_.write_string(0, place, cell)
        sheet_.write_string(0, width, messages.sentence("ship.result"))
        for line, (row, verdict) in enumerate(zip(table[1:], verdicts, strict=True), start=1):
            for place, cell in enumerate(row):
                if cell:
                    sheet_.write_string(line, place, cell)
            if verdict is not None:
                sheet_.write_string(line, width, *_word(verdict, wrong))
        sheet_.autofilter(0, 0, len(table) - 1, width)
        sheet_.freeze_panes(1, 0)


def _word(verdict: numbers.Verdict, wrong: xlsxwriter.format.Format) -> tuple[str, ...]:
    if verdict.fault is not None:
        return messages.of(verdict.fault), wrong
    return (messages.sentence("ship.result_repeat" if verdict.is_repeat else "ship.result_sent"),)


def _who(progress: Progress) -> tuple[Actor, Member]:
    """Who asked, with the rights of now, and for whom. A right that was taken away meanwhile ends the job here."""
    user = User.objects.filter(pk=progress.by_user_id or 0).first()
    by = actor_for(user, Cluster.objects.get(pk=progress.cluster_id))
    supplier_id = int(progress.params["supplier"])
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    return by, Member.objects.select_related("cluster").get(pk=supplier_id)
