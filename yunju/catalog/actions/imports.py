"""Takes offers from a product file of any known format. One run: a file, a supplier, dry or real; its row in the database shows how far it is.

A dry run does the very same work and takes each chunk back. A real run keeps chunk by chunk: when the machine stops in
the middle, what was kept stays, and the same file again finishes it (what is the same is left alone). Under `strict` a
dry run goes first, and one fault refuses the whole file.

Whoever works on a run holds its lock: a run that says `running` while its lock is free has lost its worker.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import IO, BinaryIO

from django.db import transaction

from yunju.catalog import shopify
from yunju.catalog.actions import access, import_pictures, rules
from yunju.catalog.actions.import_values import Job
from yunju.catalog.actions.import_write import Chunk, categories_by_name
from yunju.catalog.csvfile import Record, Spooled, spooled
from yunju.catalog.importing.layout import GUESS, Layout, Said, layout
from yunju.catalog.importing.pictures import Library, library
from yunju.catalog.importing.reading import Reading
from yunju.catalog.models import ImportRun
from yunju.catalog.report import ImportReport, Params, Remark, Remarks, Tally
from yunju.catalog.terms import Terms
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.members.models import Cluster, Member

CHUNK_PRODUCTS, CHUNK_ROWS = 100, 1_000
FIRST_ROWS = 8
_LOCKS = 0x696D70 << 32  # advisory locks from here on, one a run


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`currency`: what the prices are in, when the person says so; another than the cluster's is refused.

    `sets_stock`: the file's counts replace ours also for variants that are known. `shop_bp`: the commission that new
    offers begin with. `lists`: new offers of a file that says nothing of the shelf are put there. `said`: how it is read.
    """

    file_name: str
    dry_run: bool = False
    strict: bool = False
    sets_stock: bool = False
    shop_bp: int = 0
    currency: str = ""
    lists: bool = True
    said: Said = GUESS

    def stored(self) -> dict[str, object]:
        """What a run keeps of it, beside file and dry run."""
        names = ("strict", "sets_stock", "shop_bp", "currency", "lists")
        return {name: getattr(self, name) for name in names} | {"said": asdict(self.said)}

    @classmethod
    def of_run(cls, run: ImportRun) -> "ImportOptions":
        kept = dict(run.options)
        said = dict(kept.pop("said", {}))
        said["columns"] = tuple(said.get("columns", ()))
        return cls(file_name=run.file_name, dry_run=run.dry_run, said=Said(**said), **kept)


class Interrupted(Exception):
    """The worker is to end: what was kept stays, the run waits for the next worker."""


@dataclass
class _Outcome:
    tally: Tally = field(default_factory=Tally)
    remarks: Remarks = field(default_factory=Remarks)


@dataclass(frozen=True)
class ReadFile:
    """A file whose rows have all been read once: it is known how, and it is within its bounds."""

    copy: Spooled
    layout: Layout
    rows: int
    unused: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """What was asked for, found allowed: who imports for whom under which terms."""

    supplier: Member
    by: Actor
    options: ImportOptions
    currency: str
    shop: Terms
    pictures: IO[bytes] | None = None
    """An archive of pictures that came along."""

    is_ending: Callable[[], bool] = lambda: False
    """Asked between two chunks; True breaks the work off with Interrupted."""


def import_offers(
    *,
    by: Actor,
    supplier_id: int,
    file: BinaryIO,
    options: ImportOptions,
    pictures: IO[bytes] | None = None,
) -> ImportReport:
    """Import a product file for a supplier, with an archive of pictures if there is one, and say what became of each row.

    Raises Invalid where the file as a whole cannot be taken (nothing is changed then), NotFound and Forbidden for
    somebody who may not do this. Called outside a transaction: each chunk is one of its own.
    """
    plan = replace(planned(by, supplier_id, options), pictures=pictures)
    with spooled(file) as copy:
        found = read_through(copy, options.said)
        run = begun(plan, found)
        with worked_on(run.pk):
            return carry_out(run, plan, found)


def planned(by: Actor, supplier_id: int, options: ImportOptions) -> Plan:
    """Refuses whoever may not, and terms that cannot be."""
    with transaction.atomic():
        supplier = access.supplier(supplier_id, by)
    currency = _currency(by.cluster_id, options.currency)
    rule = rules.RuleTerms(shop=Terms(bp=options.shop_bp))
    rules.check_terms(rule, by.cluster_id)
    rules.require_may_set(supplier_id, rule, by)
    return Plan(supplier, by, options, currency, rule.shop)


@contextmanager
def worked_on(run_id: int, *, wait_seconds: float = 0) -> Iterator[bool]:
    """True inside the block when nobody else works on the run, in no process. A kill ends it."""
    deadline = time.monotonic() + wait_seconds
    while not (is_ours := bool(sql.fetch("SELECT pg_try_advisory_lock(%s)", [_LOCKS + run_id])[0][0])):
        if time.monotonic() >= deadline:
            break
        time.sleep(0.1)
    try:
        yield is_ours
    finally:
        if is_ours:
            sql.fetch("SELECT pg_advisory_unlock(%s)", [_LOCKS + run_id])


def carry_out(run: ImportRun, plan: Plan, found: ReadFile) -> ImportReport:
    """Do the work of a run that `worked_on` gave us. It ends as done, refused or stopped; Interrupted leaves it running."""
    ImportRun.objects.filter(pk=run.pk).update(
        state="running", rows=found.rows, rows_done=0, made=0, changed=0, unchanged=0, started_at=clock.now()
    )
    job = Job(
        run_id=run.pk,
        supplier=plan.supplier,
        by=plan.by,
        shop=plan.shop,
        fees=rules.fees_now_and_later(plan.by.cluster_id),
        categories=categories_by_name(plan.by.cluster_id),
        sets_stock=plan.options.sets_stock,
        format=found.layout.format.code,
    )
    try:
        with ExitStack() as stack:
            book = stack.enter_context(found.copy.whole()) if found.copy.pictures else None
            pictures = stack.enter_context(library(plan.pictures, book, found.copy.pictures))
            state, outcome = _worked(run, job, _Work(found, plan, pictures))
    except Interrupted:
        raise
    except BaseException:
        ImportRun.objects.filter(pk=run.pk).update(state="stopped", ended_at=clock.now())
        raise
    return _ended(run, state, outcome, found, plan.currency)


def _currency(cluster_id: int, said: str) -> str:
    kept = Cluster.objects.get(pk=cluster_id).currency
    if said and said != kept:
        raise Invalid("import.currency", field="currency", said=said[:10], kept=kept)
    return kept


def read_through(copy: Spooled, said: Said) -> ReadFile:
    """Read every row once without doing anything: a file that breaks off in the middle is refused before it starts."""
    found = layout(first_rows(copy), said, copy.odd)
    header = found.header
    records = islice(copy.records(found.heads), found.heads, None)
    filled = dict.fromkeys(header.unused, 0)
    rows = 0
    for _, cells in records:
        rows += 1
        for place in filled:
            if place < len(cells) and cells[place].strip():
                filled[place] += 1
    if rows == 0:
        raise Invalid("import.no_rows", field="file")
    return ReadFile(copy, found, rows, {header.unused[place]: count for place, count in filled.items()})


def first_rows(copy: Spooled) -> list[Record]:
    """What a layout is guessed from, and a person is shown."""
    return list(islice(copy.records(), FIRST_ROWS))


def begun(plan: Plan, found: ReadFile, **more: object) -> ImportRun:
    """The row of a new run, with `more` of its fields."""
    values = {
        "cluster_id": plan.by.cluster_id,
        "supplier": plan.supplier,
        "file_name": plan.options.file_name[-200:],
        "sha256": found.copy.sha256,
        "dry_run": plan.options.dry_run,
        "options": plan.options.stored(),
        "rows": found.rows,
        "format": found.layout.format.code,
        "by_user_id": plan.by.user_id,
        "started_at": clock.now(),
    }
    return ImportRun.objects.create(**values | more)


@dataclass(frozen=True)
class _Work:
    """What one run works with."""

    found: ReadFile
    plan: Plan
    pictures: Library

    def chunks(self) -> Iterator[list[shopify.Parsed]]:
        """The products of the file chunk by chunk, for as long as the worker may go on."""
        heads = self.found.layout.heads
        records = islice(self.found.copy.records(heads), heads, None)
        reading = Reading(self.found.layout, self.plan.currency, self.plan.options.lists, self.pictures)
        for chunk in _chunks(reading.products(records)):
            if self.plan.is_ending():
                raise Interrupted
            yield chunk


def _worked(run: ImportRun, job: Job, work: _Work) -> tuple[str, _Outcome]:
    options = work.plan.options
    if options.strict and not options.dry_run:
        trial = _passed(run, job, work, dry=True)
        if trial.remarks.faults:
            return "refused", trial
        ImportRun.objects.filter(pk=run.pk).update(rows_done=0)
    return "done", _passed(run, job, work, dry=options.dry_run)


def _passed(run: ImportRun, job: Job, work: _Work, *, dry: bool) -> _Outcome:
    """One pass over the file, chunk by chunk."""
    outcome = _Outcome()
    for parsed in work.chunks():
        with import_pictures.brought(parsed, job, work.pictures, dry=dry) as (kept, files):
            _write(run, replace(job, pictures=files), kept, outcome, dry=dry)
    if work.found.copy.other_sheets:
        others: Params = {"count": work.found.copy.other_sheets}
        outcome.remarks.add(Remark("import.other_sheets", 0, fault=False, params=others))
    if work.pictures.unused:
        params: Params = {"count": work.pictures.unused}
        outcome.remarks.add(Remark("import.pictures_unused", 0, fault=False, params=params))
    return outcome


def _write(run: ImportRun, job: Job, parsed: list[shopify.Parsed], outcome: _Outcome, *, dry: bool) -> None:
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=job.supplier.pk)  # two imports at once wait here
        chunk = Chunk(job, parsed)
        chunk.write()
        _take_over(outcome, chunk)
        if dry:
            transaction.set_rollback(True)
        else:
            _progress(run, outcome)
    if dry:
        _progress(run, outcome)


def _chunks(products: Iterable[shopify.Parsed]) -> Iterator[list[shopify.Parsed]]:
    chunk: list[shopify.Parsed] = []
    rows = 0
    for one in products:
        chunk.append(one)
        rows += one.rows
        if len(chunk) >= CHUNK_PRODUCTS or rows >= CHUNK_ROWS:
            yield chunk
            chunk, rows = [], 0
    if chunk:
        yield chunk


def _take_over(outcome: _Outcome, chunk: Chunk) -> None:
    outcome.tally.add(chunk.tally)
    outcome.remarks.take_over(chunk.remarks)


def _progress(run: ImportRun, outcome: _Outcome) -> None:
    tally = outcome.tally
    ImportRun.objects.filter(pk=run.pk).update(
        rows_done=tally.rows,
        made=tally.offers_made,
        changed=tally.offers_changed,
        unchanged=tally.offers_unchanged,
    )


def _ended(run: ImportRun, state: str, outcome: _Outcome, found: ReadFile, currency: str) -> ImportReport:
    report = ImportReport(
        run_id=run.pk,
        state=state,
        dry_run=run.dry_run,
        file_name=run.file_name,
        encoding=found.copy.encoding,
        currency=currency,
        counts=asdict(outcome.tally),
        columns_unused=found.unused,
        remarks=tuple(outcome.remarks.kept),
        remarks_by_code=dict(sorted(outcome.remarks.by_code.items())),
        remarks_left_out=outcome.remarks.left_out,
        faults=outcome.remarks.faults,
        format=found.layout.format.code,
        heads=found.layout.heads,
        more_fault_rows=tuple(outcome.remarks.more_rows),
    )
    if outcome.tally.rows != found.rows:
        raise AssertionError(f"{found.rows} rows were read and {outcome.tally.rows} accounted for")
    ImportRun.objects.filter(pk=run.pk).update(state=state, ended_at=clock.now(), report=report.stored())
    return report
