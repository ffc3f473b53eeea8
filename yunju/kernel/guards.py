"""Start-up compares the database with what the code rests on, and refuses to run where a guard is missing.

Compared: the numbered SQL files by hash; each function's body, each trigger's definition and state, the rights of the
application role, as the files declare them; every named constraint of every model; the role itself; the settings
without which an acknowledged order can be lost. Not compared: the expression of a CHECK that kept its name.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import CheckConstraint, Model, UniqueConstraint

from yunju.kernel import declared, installed, sql
from yunju.kernel.declared import Declared

log = logging.getLogger(__name__)
POWERFUL = ("pg_write_all_data", "pg_execute_server_program", "pg_write_server_files", "pg_read_server_files")
WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
COLUMN_WORDS = ("INSERT", "UPDATE", "REFERENCES")


class GuardsMissing(ImproperlyConfigured):
    """The database lacks something that keeps the books right; the message lists all of it."""


def require() -> None:
    """Raise GuardsMissing unless every guard is in place. Called before anything is served or worked on.

    A setting that loses orders is let pass where the operator named it (YUNJU_UNSAFE_SETTINGS); the log says so.
    """
    named = settings.YUNJU_UNSAFE_SETTINGS
    missing = find_missing(accepted=named)
    if named:
        log.warning("acknowledged orders may be lost: YUNJU_UNSAFE_SETTINGS lets %s be off", ", ".join(named))
    if missing:
        raise GuardsMissing("the database lacks its guards:\n" + "\n".join(f"  - {one}" for one in missing))


def find_missing(*, accepted: Collection[str] = ()) -> list[str]:
    """One line for each guard that is missing or differs, for the connection's role. Empty when all is well.

    `accepted`: settings that count as on, whatever they are.
    """
    app = settings.YUNJU_APP_ROLE
    if not sql.fetch("SELECT 1 FROM pg_roles WHERE rolname = %s", [app]):
        return [f"the application role {app} does not exist"]
    paths = installed.files()
    wanted = declared.read(path.read_text(encoding="utf-8") for path in paths)
    return [
        *_files(),
        *_functions(wanted),
        *_triggers(wanted),
        *_identities(wanted),
        *_constraints(),
        *_role(),
        *_rights(wanted),
        *_settings(accepted),
    ]


def _files() -> Iterator[str]:
    hashes = dict(sql.fetch("SELECT name, sha256 FROM kernel_installed_sql"))
    for path in installed.files():
        name = installed.name_of(path)
        if name not in hashes:
            yield f"{name} is not installed: run the migrations"
        elif hashes[name] != installed.digest(path):
            yield f"{name} is not the file that was installed"


def _functions(wanted: Declared) -> Iterator[str]:
    rows = sql.fetch(
        "SELECT p.proname, p.prosrc, p.prosecdef, p.proconfig,"
        " has_function_privilege(%s, p.oid, 'EXECUTE') FROM pg_proc p"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(%s)",
        [settings.YUNJU_APP_ROLE, list(wanted.functions)],
    )
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *rest in rows:
        found.setdefault(name, []).append(tuple(rest))
    for name, function in wanted.functions.items():
        body = function.body.replace("{app}", settings.YUNJU_APP_ROLE)
        expected = (body, function.definer, list(function.config), name in wanted.executable)
        if name not in found:
            yield f"function {name} is missing"
        elif found[name] != [expected]:
            yield f"function {name} is not as installed"


def _triggers(wanted: Declared) -> Iterator[str]:
    rows = sql.fetch(
        "SELECT t.tgname, c.relname, t.tgenabled, pg_get_triggerdef(t.oid, true) FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND t.tgname = ANY(%s)",
        [list(wanted.triggers)],
    )
    found = {(name, table): (_text(state), text) for name, table, state, text in rows}
    for name, trigger in wanted.triggers.items():
        state, text = found.get((name, trigger.table), ("", ""))
        if not state:
            yield f"trigger {name} on {trigger.table} is missing"
        elif state not in {"O", "A"}:
            yield f"trigger {name} on {trigger.table} is switched off"
        elif text.replace(" public.", " ") != trigger.text:
            yield f"trigger {name} on {trigger.table} is not as installed"


def _identities(wanted: Declared) -> Iterator[str]:
    """Ids that only the database gives, one by one: a cached sequence hands them out long before they are written."""
    for table, column in sorted(wanted.identities):
        rows = sql.fetch(
            "SELECT a.attidentity, s.seqcache FROM pg_attribute a"
            " LEFT JOIN pg_sequence s ON s.seqrelid = pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)::regclass"
            " WHERE a.attrelid = to_regclass(%s) AND a.attname = %s",
            [table, column],
        )
        if [(_text(kind), cache) for kind, cache in rows] != [("a", 1)]:
            yield f"{table}.{column} is not given by the database alone, one at a time"


def _constraints() -> Iterator[str]:
    rows = sql.fetch(
        "SELECT r.relname, c.conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
        " WHERE c.connamespace = 'public'::regnamespace AND c.contype = 'c' AND c.convalidated"
        # PostgreSQL 18 knows checks that are not enforced; before, the column does not exist.
        " AND coalesce((to_jsonb(c)->>'conenforced')::boolean, true)"
        " UNION ALL SELECT r.relname, x.relname FROM pg_index i JOIN pg_class r ON r.oid = i.indrelid"
        " JOIN pg_class x ON x.oid = i.indexrelid"
        " WHERE r.relnamespace = 'public'::regnamespace AND i.indisunique AND i.indisvalid AND i.indisready AND i.indislive"
    )
    found = {(table, name) for table, name in rows}
    for model in _models():
        table = model._meta.db_table  # noqa: SLF001 - Django's documented way to a model's table
        for constraint in model._meta.constraints:  # noqa: SLF001 - as above
            if (
                isinstance(constraint, CheckConstraint | UniqueConstraint)
                and (table, constraint.name) not in found
            ):
                yield f"constraint {constraint.name} of {table} is missing or not in force"


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("yunju.")]


def _role() -> Iterator[str]:
    app = settings.YUNJU_APP_ROLE
    rows = sql.fetch(
        "SELECT session_user, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s", [app]
    )
    user, *powers = rows[0]
    if user != app:
        yield f"connected as {user}, not as the application role {app}"
    for word, power in zip(
        ("is a superuser", "may create roles", "passes row security"), powers, strict=True
    ):
        if power:
            yield f"{app} {word}"
    owned = sql.fetch(
        "SELECT c.relname FROM pg_class c WHERE pg_get_userbyid(c.relowner) = %s"
        " UNION ALL SELECT p.proname FROM pg_proc p WHERE pg_get_userbyid(p.proowner) = %s"
        " UNION ALL SELECT n.nspname FROM pg_namespace n WHERE pg_get_userbyid(n.nspowner) = %s"
        " UNION ALL SELECT d.datname FROM pg_database d WHERE pg_get_userbyid(d.datdba) = %s LIMIT 3",
        [app] * 4,
    )
    if owned:
        yield f"{app} owns {', '.join(name for (name,) in owned)}: it may own nothing"
    yield from _memberships(app)


def _memberships(app: str) -> Iterator[str]:
    rows = sql.fetch(
        "SELECT r.rolname FROM pg_roles r WHERE r.rolname <> %s AND pg_has_role(%s, r.oid, 'MEMBER')"
        " AND (r.rolsuper OR r.rolcreaterole OR r.rolname = ANY(%s) OR EXISTS ("
        "SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relnamespace = 'public'::regnamespace)) ORDER BY 1",
        [app, app, list(POWERFUL)],
    )
    for (name,) in rows:
        yield f"{app} is a member of {name}"
    if sql.fetch("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [app])[0][0]:
        yield f"{app} may create objects in the schema public"


def _rights(wanted: Declared) -> Iterator[str]:
    app, tables = settings.YUNJU_APP_ROLE, list(wanted.rights)
    whole = sql.fetch(
        "SELECT t.name, w.word FROM unnest(%s::text[]) AS t(name) CROSS JOIN unnest(%s::text[]) AS w(word)"
        " WHERE to_regclass(t.name) IS NOT NULL AND has_table_privilege(%s, to_regclass(t.name), w.word)",
        [tables, [*WORDS, *(["MAINTAIN"] if _version() >= 170_000 else [])], app],
    )
    single = sql.fetch(
        "SELECT t.name, w.word, a.attname FROM unnest(%s::text[]) AS t(name) CROSS JOIN unnest(%s::text[]) AS w(word)"
        " JOIN pg_attribute a ON a.attrelid = to_regclass(t.name) AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE NOT has_table_privilege(%s, a.attrelid, w.word)"
        " AND has_column_privilege(%s, a.attrelid, a.attnum, w.word)",
        [tables, list(COLUMN_WORDS), app, app],
    )
    for table, rights in wanted.rights.items():
        has = {word for name, word in whole if name == table}
        columns = {(word, column) for name, word, column in single if name == table}
        for word in sorted(has - rights.table):
            yield f"{app} may {word} {table}"
        for word, column in sorted(columns - rights.columns):
            yield f"{app} may {word} {table}.{column}"
        lost = (rights.table - has) | {
            f"{word} ({column})" for word, column in rights.columns - columns if word not in has
        }
        for word in sorted(lost):
            yield f"{app} may not {word} on {table}, and must"


def _settings(accepted: Collection[str]) -> Iterator[str]:
    names = ["fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names"]
    found = dict(sql.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [names]))
    yield from unsafe(found | dict.fromkeys(accepted, "on"))


def unsafe(found: Mapping[str, str]) -> Iterator[str]:
    """What of these settings could lose an acknowledged order. Pure.

    `local` flushes on this machine before it answers: enough, unless standbys were promised to have it too.
    """
    for name in ("fsync", "full_page_writes"):
        if found[name] != "on":
            yield f"{name} is {found[name]}: an acknowledged order could be lost"
    enough = {"on", "remote_apply", "remote_write"}
    if not found["synchronous_standby_names"]:
        enough.add("local")
    if found["synchronous_commit"] not in enough:
        yield f"synchronous_commit is {found['synchronous_commit']}: an acknowledged order could be lost"


def _version() -> int:
    return int(sql.fetch("SHOW server_version_num")[0][0])


def _text(value: Any) -> str:
    """The one-byte type "char", which the driver may give as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)
