"""`yunju demo-remove`: takes the demonstration out of an installation again, and counts that nothing of it is left.

The book refuses to delete, and rightly so; therefore this runs as the database's owner, in one transaction that puts
the guards aside and back, and it touches the cluster of the demonstration alone. Which rows belong to it is found by
walking foreign keys from every table to the cluster (or to a person of the demonstration): a new table is covered
without a line here, and one that leads nowhere must be named in `OF_THE_HOUSE`, which a test holds.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import FileField, ForeignKey, Model, Q, QuerySet

from yunju.cli import state
from yunju.cli.demo.people import CODE, DOMAIN, NAME
from yunju.cli.say import Stop, say
from yunju.kernel import sql
from yunju.members.models import Cluster, MemberEvent, User
from yunju.payments.models import Attempt, Notification

OF_THE_HOUSE = frozenset(
    {
        "auth.Group",
        "auth.Permission",
        "contenttypes.ContentType",
        "sessions.Session",  # a session without its user is nobody's, and ends by itself
        "axes.AccessAttempt",
        "axes.AccessAttemptExpiration",
        "axes.AccessFailureLog",
        "axes.AccessLog",
        "kernel.Beat",
        "kernel.InstalledSql",
        "payments.Notification",  # the inbox of a gateway: see `_inbox`
        "procrastinate.ProcrastinateEvent",
        "procrastinate.ProcrastinateJob",
        "procrastinate.ProcrastinatePeriodicDefer",
        "procrastinate.ProcrastinateWorker",
    }
)
"""Tables that belong to the installation, to no cluster and to no person of one."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the rows of a table lead to the cluster, or to a person of the demonstration."""

    model: type[Model]
    lookup: str
    to_cluster: bool

    @property
    def depth(self) -> int:
        return self.lookup.count("__")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Deletes the cluster of the demonstration and everything in it. There is no way back."
    )
    parser.add_argument("--yes", action="store_true", help="without this, it only says what would go")


def run(args: argparse.Namespace) -> int:
    cluster = Cluster.objects.filter(code=CODE).first()
    if cluster is None:
        raise Stop("There is no demonstration here.")
    people = list(User.objects.filter(email__endswith=f"@{DOMAIN}").values_list("pk", flat=True))
    before = count(cluster.pk, people)
    say(f"Rows of the demonstration: {sum(before.values()):,} in {sum(map(bool, before.values()))} tables.")
    if not args.yes:
        say("Nothing was changed. `yunju demo-remove --yes` deletes them.")
        return 0
    files = list(_files(cluster.pk, people))
    with transaction.atomic():
        _delete(cluster.pk, people)
    for storage, name in files:
        storage.delete(name)
    state.write(settings.YUNJU_HOME, demo=())
    left = sum(count(cluster.pk, people).values())
    say(f"Rows left: {left}. Files deleted: {len(files)}.")
    return 1 if left else 0


def count(cluster_id: int, people: list[int]) -> dict[str, int]:
    """How many rows of each table are the demonstration's."""
    counted = {way.model._meta.label: _rows(way, cluster_id, people).count() for way in ways()}
    for table in _tables_without_model():
        [(rows,)] = sql.fetch(f"SELECT count(*) FROM {table} WHERE cluster_id = %s", [cluster_id])
        counted[table] = int(rows)
    counted["payments.Notification"] = _inbox(cluster_id).count()
    counted["members.MemberEvent of no cluster"] = _before_it().count()
    return counted


def _tables_without_model() -> list[str]:
    """What is reached by SQL alone and has a cluster: the keys of requests."""
    known = {model._meta.db_table for model in apps.get_models()}
    rows = sql.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'cluster_id'"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"
    )
    return [str(name) for (name,) in rows if name not in known]


def _before_it() -> QuerySet[MemberEvent]:
    """What the demonstration did before there was its cluster: the accounts it made."""
    return MemberEvent.objects.filter(cluster_id=0, by_name=NAME)


def _inbox(cluster_id: int) -> QuerySet[Notification]:
    """Messages of gateways that no other cluster has ever used; they name no cluster themselves."""
    own = Attempt.objects.filter(cluster_id=cluster_id).values("gateway")
    others = Attempt.objects.exclude(cluster_id=cluster_id).values("gateway")
    return Notification.objects.filter(gateway__in=own).exclude(gateway__in=others)


def ways() -> list[Way]:
    """The way of every table, those that lead over most others first: they go before what they lead over."""
    found = [way for model in apps.get_models() if (way := way_of(model)) is not None]
    return sorted(found, key=lambda way: (-way.depth, way.model._meta.label))


def way_of(model: type[Model]) -> Way | None:
    """None for tables of the house. LookupError for a table that leads nowhere and is not named as one of those."""
    if not model._meta.managed and not hasattr(model, "cluster_id"):
        return None
    if model is Cluster:
        return Way(model, "pk", to_cluster=True)
    if model is User:
        return Way(model, "pk", to_cluster=False)
    for target in (True, False):
        lookup = _lookup(model, frozenset(), to_cluster=target)
        if lookup is not None:
            return Way(model, lookup, target)
    if model._meta.label in OF_THE_HOUSE:
        return None
    raise LookupError(
        f"{model._meta.label} leads neither to a cluster nor to a person: name it in OF_THE_HOUSE"
    )


def _lookup(model: type[Model], seen: frozenset[type[Model]], *, to_cluster: bool) -> str | None:
    """The shortest chain of field names; columns that must be filled before those that may be empty."""
    if to_cluster and any(field.attname == "cluster_id" for field in model._meta.concrete_fields):
        return "cluster_id"
    if not to_cluster and any(field.name == "user_id" for field in model._meta.concrete_fields):
        return "user_id"  # a plain id of a person
    keys = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model not in seen and field.related_model != model
    ]
    found = []
    for key in keys:
        assert isinstance(key.related_model, type)
        if not to_cluster and key.related_model is User:
            found.append((key.null, 0, key.attname))
            continue
        rest = _lookup(key.related_model, seen | {model}, to_cluster=to_cluster)
        if rest is not None:
            found.append((key.null, rest.count("__") + 1, f"{key.name}__{rest}"))
    return min(found)[2] if found else None


def _rows(way: Way, cluster_id: int, people: list[int]) -> QuerySet[Model]:
    wanted = Q(**{way.lookup: cluster_id}) if way.to_cluster else Q(**{f"{way.lookup}__in": people})
    return way.model._base_manager.filter(wanted)


def _delete(cluster_id: int, people: list[int]) -> None:
    """All rows, guards put aside. Foreign keys are checked once, at the end, before the guards come back."""
    guarded = [
        str(name)
        for (name,) in sql.fetch(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
            " AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
        )
    ]
    for table in guarded:
        sql.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    _inbox(cluster_id).delete()
    _before_it().delete()
    for table in _tables_without_model():
        sql.execute(f"DELETE FROM {table} WHERE cluster_id = %s", [cluster_id])
    for way in ways():
        rows = _rows(way, cluster_id, people)
        rows._raw_delete(rows.db)  # no collector: foreign keys are deferred
    sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in guarded:
        sql.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _files(cluster_id: int, people: list[int]) -> Iterator[tuple[Storage, str]]:
    """Pictures and private files of rows that go."""
    for way in ways():
        for field in _file_fields(way.model):
            names = (
                _rows(way, cluster_id, people).exclude(**{field.name: ""}).values_list(field.name, flat=True)
            )
            for name in names:
                if name:
                    yield field.storage, str(name)


def _file_fields(model: type[Model]) -> Iterable[FileField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.FileField)]
