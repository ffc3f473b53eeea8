"""Undoing an import within a week: offers it made are closed while nothing of them was sold, offers it changed get back what
they had. What somebody has changed since, or sold, stays as it is; each offer tells what became of it.

A job of the kernel's queue: an offer a transaction, each undone once, so that it may be begun again anywhere.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from yunju.catalog import policy
from yunju.catalog.actions import events, indexing, rules, stock
from yunju.catalog.models import ImportChange, ImportRun, Offer, Picture, Stock, Variant
from yunju.kernel import clock, jobs
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound, Refused, YunjuError
from yunju.kernel.models import Job
from yunju.members.models import Member, User
from yunju.members.queries import actor_for

KIND = "catalog.import_undo"
UNDONE_WITHIN = timedelta(days=7)
CLOSED, WITHDRAWN, RESTORED, PARTLY = "closed", "withdrawn", "restored", "partly"
OUTCOMES = (CLOSED, WITHDRAWN, RESTORED, PARTLY)


def may_be_undone(run: ImportRun) -> bool:
    """True while a run that really took something can be taken back: for a week, once, and not while it happens."""
    over = run.ended_at is None or clock.now() - run.ended_at > UNDONE_WITHIN
    took = run.state in ("done", "stopped") and not run.dry_run and (run.made or run.changed)
    return bool(took) and not over and run.undone_at is None and not _is_being_undone(run)


def _is_being_undone(run: ImportRun) -> bool:
    return bool(run.undo_job) and Job.objects.filter(code=run.undo_job, state__in=jobs.UNDER_WAY).exists()


def undo_import(*, run_id: int, by: Actor) -> Job:
    """Put the undoing of a run into the queue."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().filter(pk=run_id, cluster_id=by.cluster_id).first()
        if run is None:
            raise NotFound("import.unknown")
        policy.own_or_unknown(by, run.supplier_id, "import.unknown")
        policy.may_edit_offers(by, run.supplier_id)
        if not may_be_undone(run):
            raise Refused("import.not_undone")
        if ImportRun.objects.filter(supplier_id=run.supplier_id, state__in=("waiting", "running")).exists():
            raise Refused("import.under_way")
        job = jobs.start(kind=KIND, params={"run": run.pk}, by=by)
        run.undo_job = job.code
        run.save(update_fields=["undo_job"])
        return job


def work_off(progress: jobs.Progress) -> None:
    """What the job does."""
    run = ImportRun.objects.get(pk=progress.params["run"])
    by = actor_for(User.objects.filter(pk=progress.by_user_id or 0).first(), run.cluster_id)
    policy.may_edit_offers(by, run.supplier_id)
    changes = ImportChange.objects.filter(run=run)
    progress.total(changes.count())
    done = changes.exclude(undone_at=None).count()
    for change_id in changes.filter(undone_at=None).order_by("-pk").values_list("pk", flat=True):
        _undo(change_id, run, by)
        done += 1
        progress.done(done)
    found = Counter(changes.values_list("was__outcome", flat=True))
    ImportRun.objects.filter(pk=run.pk, undone_at=None).update(undone_at=clock.now())
    for outcome in OUTCOMES:
        if found[outcome]:
            progress.tell(f"import.undone.{outcome}", count=found[outcome])


def outcomes(run: ImportRun) -> dict[str, int]:
    """How many offers ended how, for the page of the run."""
    found = Counter(ImportChange.objects.filter(run=run).values_list("was__outcome", flat=True))
    return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}


def _undo(change_id: int, run: ImportRun, by: Actor) -> None:
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=run.supplier_id)  # no import meanwhile
        change = ImportChange.objects.select_for_update().get(pk=change_id)
        if change.undone_at is not None:
            return
        offer = Offer.objects.select_for_update(no_key=True).get(pk=change.offer_id)
        outcome = _unmake(offer) if change.is_new else _Restoring(offer, change.was).run()
        change.was = change.was | {"outcome": outcome}
        change.undone_at = clock.now()
        change.save(update_fields=["was", "undone_at"])
        told = {"run": run.pk, "outcome": outcome}
        events.note([events.Change(offer.pk, "offer.import_undone", told)], by)


def _unmake(offer: Offer) -> str:
    """Closed for good, under no key: the same file may make it anew. What was sold is only taken off the shelf."""
    if offer.closed_at is None and _is_sold(Variant.objects.filter(offer=offer).values_list("pk", flat=True)):
        if offer.on_shelf:
            offer.withdrawn_at = clock.now()
            offer.save(update_fields=["withdrawn_at"])
        return WITHDRAWN
    offer.closed_at = offer.closed_at or clock.now()
    offer.import_key = ""
    offer.save(update_fields=["closed_at", "import_key"])
    return CLOSED


def _is_sold(variant_ids: Any) -> bool:
    rows = Stock.objects.filter(variant_id__in=list(variant_ids))
    return rows.filter(Q(reserved__gt=0) | Q(sold__gt=0)).exists()


class _Restoring:
    """One offer on its way back. `kept` counts what somebody has changed since, or what a rule forbids by now."""

    def __init__(self, offer: Offer, was: Mapping[str, Any]) -> None:
        self.offer, self.was = offer, was
        self.kept = 0

    def run(self) -> str:
        if self.offer.closed_at is not None:
            return PARTLY
        fields = self._back(self.offer, self.was.get("offer", {}))
        if fields:
            self.offer.save(update_fields=list(fields))
            indexing.index([self.offer])
        self._variants()
        self._pictures()
        self._stock()
        return PARTLY if self.kept else RESTORED

    def _back(self, row: Offer | Variant | Picture, was: Mapping[str, list[Any]]) -> list[str]:
        fields = []
        for name, (before, after) in was.items():
            if getattr(row, name) == after:
                setattr(row, name, before)
                fields.append(name)
            else:
                self.kept += getattr(row, name) != before
        return fields

    def _variants(self) -> None:
        known = {row.pk: row for row in Variant.objects.filter(offer=self.offer)}
        for key, was in self.was.get("variants", {}).items():
            row = known[int(key)]
            if self._price_may_return(was):
                row.save(update_fields=self._back(row, was) or ["position"])
        for pk in self.was.get("variants_made", []):
            others = [row for row in known.values() if row.closed_at is None and row.pk != pk]
            if _is_sold([pk]) or not others:
                self.kept += 1
            elif known[pk].closed_at is None:
                known[pk].closed_at = clock.now()
                known[pk].save(update_fields=["closed_at"])

    def _price_may_return(self, was: Mapping[str, list[Any]]) -> bool:
        """Fees and commission may have risen since: a price that no longer bears them stays away."""
        if "price_minor" not in was:
            return True
        try:
            rules.require_price_whole(self.offer, was["price_minor"][0])
        except YunjuError:
            self.kept += 1
            return False
        return True

    def _pictures(self) -> None:
        for key, was in self.was.get("pictures", {}).items():
            row = Picture.objects.filter(pk=int(key), offer=self.offer).first()
            if row is not None and (fields := self._back(row, was)):
                row.save(update_fields=fields)
        for row in Picture.objects.filter(pk__in=self.was.get("pictures_made", []), offer=self.offer):
            name = row.file.name
            row.delete()
            if name:
                transaction.on_commit(lambda gone=name: default_storage.delete(gone))  # type: ignore[misc]

    def _stock(self) -> None:
        """What was sold since stays sold: the difference is taken back, down to none."""
        changes = {int(key): pair for key, pair in self.was.get("stock", {}).items()}
        rows = Stock.objects.filter(variant_id__in=changes).select_related("place").order_by("pk")
        for row in rows:
            before, after = changes[row.variant_id]
            wanted = row.remaining - (after - before)
            self.kept += wanted < 0
            stock.set_counts({row.variant_id: max(wanted, 0)}, row.place)
