"""Sizes by numbers. The limits are a ratchet: OVERSIZE only shrinks, and what fits again leaves it."""

import ast
import fnmatch
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES, ARGUMENTS = 400, 60, 6
BANNED_NAMES = {"utils.py", "helpers.py", "util.py", "helper.py", "misc.py", "common.py", "signals.py"}
BANNED_WORDS = {"TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK", "NotImplemented" + "Error"}
OVERSIZE: dict[str, int] = {}
"""`path` or `path:function`: the length it has today, never more."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    found = [*(ROOT / "yunju").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return sorted(path for path in found if not fnmatch.fnmatch(str(path), "*/migrations/*"))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def arguments(function: Function) -> int:
    every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return len([one for one in every if one.arg not in {"self", "cls"}])


def sizes() -> dict[str, int]:
    """Everything that is longer than its limit."""
    found = {}
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            found[name] = lines
        for function in functions(path):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > FUNCTION_LINES:
                found[f"{name}:{function.name}"] = length
    return found


def test_nothing_grows_too_long():
    assert {name: size for name, size in sizes().items() if size > OVERSIZE.get(name, 0)} == {}


def test_the_ratchet_only_shrinks():
    measured = sizes()
    assert {name: limit for name, limit in OVERSIZE.items() if measured.get(name) != limit} == {}


def test_no_function_takes_too_many_arguments():
    # A test's arguments are its fixtures: they name what it stands on.
    ours = [path for path in sources() if (ROOT / "yunju") in path.parents]
    crowded = [
        f"{path.relative_to(ROOT)}:{one.name}"
        for path in ours
        for one in functions(path)
        if arguments(one) > ARGUMENTS
    ]
    assert crowded == []


def test_no_file_is_named_after_nothing():
    assert [str(path) for path in sources() if path.name in BANNED_NAMES] == []


@pytest.mark.parametrize("word", sorted(BANNED_WORDS))
def test_nothing_is_left_for_later(word):
    assert [str(path) for path in sources() if word in path.read_text(encoding="utf-8")] == []


def test_no_import_hides_in_a_function():
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_sql_outside_the_ledger_writes_its_tables():
    """Balances move in one place; STYLE of the house: others call `ledger.actions.post`."""
    writes = ("insert into ledger_", "update ledger_", "delete from ledger_", "truncate ledger_")
    rooms = [path for path in (ROOT / "yunju").rglob("*") if path.suffix in {".py", ".sql"}]
    outside = [path for path in rooms if (ROOT / "yunju" / "ledger") not in path.parents]
    found = [
        str(path)
        for path in outside
        if any(word in path.read_text(encoding="utf-8").lower() for word in writes)
    ]
    assert found == []
