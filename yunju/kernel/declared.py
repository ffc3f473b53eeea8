"""What the numbered SQL files declare: functions, triggers, rights, identities. Pure; `guards` compares it with a server.

Read in their order, so that a later file replaces or drops what an earlier one made. The files keep to one form: a
function's body stands between dollar quotes, a trigger has no WHEN and no columns, rights
are taken from and given to `{app}`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\((.*?)\$(\w*)\$(.*?)\$\3\$", re.DOTALL)
_SETTING = re.compile(r"SET (search_path) = (.+?)(?: AS)?\s*$", re.MULTILINE)
_DOLLARS = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*")
_TRIGGER = re.compile(
    r"CREATE (?:CONSTRAINT )?TRIGGER (\w+) (?:BEFORE|AFTER) (.*?) ON (\w+) .*?EXECUTE FUNCTION \w+\(\)"
)
_DROP = re.compile(r"DROP (FUNCTION|TRIGGER) (?:IF EXISTS )?(\w+)")
_RIGHT = re.compile(r"(REVOKE|GRANT) ([^;]+?) ON (FUNCTION )?([^;]+?) (?:FROM|TO) ([^;]+)")
_PRIVILEGE = re.compile(r"(\w+)(?: ?\(([^)]*)\))?")
_PRINTED = ("INSERT", "DELETE", "UPDATE", "TRUNCATE")  # the order in which PostgreSQL prints events
_IDENTITY = re.compile(r"ALTER TABLE (\w+) ALTER COLUMN (\w+) SET GENERATED ALWAYS")


@dataclass(frozen=True, slots=True)
class Function:
    """As pg_proc has it: prosrc, prosecdef (runs with its owner's rights), proconfig."""

    body: str
    definer: bool
    config: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trigger:
    """`text` is what pg_get_triggerdef must print."""

    table: str
    text: str


@dataclass(slots=True)
class Rights:
    """What the application role may do with one table: words for the whole table, (word, column) pairs for columns.

    A new table begins with what the owner's default privileges give (`yunju db roles`).
    """

    table: set[str] = field(default_factory=lambda: {"SELECT", "INSERT", "UPDATE", "DELETE"})
    columns: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Declared:
    functions: dict[str, Function] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    rights: dict[str, Rights] = field(default_factory=dict)
    executable: set[str] = field(default_factory=set)
    identities: set[tuple[str, str]] = field(default_factory=set)


def read(texts: Iterable[str]) -> Declared:
    """Everything that the files declare, after the last of them."""
    found = Declared()
    for text in texts:
        for name, head, _, body in _FUNCTION.findall(text):
            config = tuple(f"{key}={value}" for key, value in _SETTING.findall(head))
            found.functions[name] = Function(body, "SECURITY DEFINER" in head, config)
        plain = " ".join(_COMMENT.sub("", _DOLLARS.sub("", text)).split())
        for statement in plain.split(";"):
            _take(found, statement.strip())
    return found


def _take(found: Declared, statement: str) -> None:
    if trigger := _TRIGGER.search(statement):
        events = " OR ".join(sorted(trigger[2].split(" OR "), key=_PRINTED.index))
        found.triggers[trigger[1]] = Trigger(
            trigger[3], trigger[0].replace(f" {trigger[2]} ON ", f" {events} ON ")
        )
    elif drop := _DROP.match(statement):
        (found.functions if drop[1] == "FUNCTION" else found.triggers).pop(drop[2], None)
    elif identity := _IDENTITY.match(statement):
        found.identities.add((identity[1], identity[2]))
    elif right := _RIGHT.match(statement):
        _take_right(found, right)


def _take_right(found: Declared, right: re.Match[str]) -> None:
    verb, privileges, function, names, roles = right.groups()
    if "{app}" not in roles:
        return
    if function:
        found.executable |= set(re.findall(r"(\w+)\(", names)) if verb == "GRANT" else set()
        return
    for table in (name.strip() for name in names.split(",")):
        rights = found.rights.setdefault(table, Rights())
        if verb == "GRANT":
            _grant(rights, privileges)
        elif privileges.startswith("ALL"):
            found.rights[table] = Rights(table=set())
        else:
            rights.table -= {word for word, _ in _PRIVILEGE.findall(privileges)}


def _grant(rights: Rights, privileges: str) -> None:
    for word, columns in _PRIVILEGE.findall(privileges):
        if columns:
            rights.columns |= {(word, column.strip()) for column in columns.split(",")}
        else:
            rights.table.add(word)
