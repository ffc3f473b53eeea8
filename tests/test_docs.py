"""Everything that a person can set, run or extend is documented, or a test fails."""

import ast
import re
from pathlib import Path

import pytest

from yunju.cli import docs
from yunju.cli.main import COMMANDS
from yunju.config import env
from yunju.config.modes import MODES
from yunju.fulfilment import registry

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROOMS = sorted(path.parent.name for path in (ROOT / "yunju").glob("*/__init__.py"))
README_LINES = 60


def variables_in(folder: str) -> set[str]:
    """Every name in capitals that looks like one of our variables, in the sources of a folder."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        strings = [
            node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if constant(node)
        ]
        found |= {text for text in strings if re.fullmatch(r"YUNJU_[A-Z_]+|DATABASE(_OWNER)?_URL", text)}
    return found


def constant(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.parametrize("name", sorted(env.SEEN | variables_in("yunju/cli") | variables_in("tests")))
def test_every_variable_is_explained(name):
    assert f"`{name}`" in OPERATIONS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_explained(name):
    assert f"`yunju {name}`" in OPERATIONS


def test_no_variable_is_explained_that_nobody_reads():
    explained = set(re.findall(r"^\| `((?:YUNJU|DATABASE)[A-Z_]*)` \|", OPERATIONS, re.MULTILINE))
    assert explained - env.SEEN - variables_in("yunju/cli") - variables_in("tests") == set()


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_what_it_is(room):
    text = ast.get_docstring(ast.parse((ROOT / "yunju" / room / "__init__.py").read_text(encoding="utf-8")))
    assert text, f"yunju/{room}/__init__.py has no docstring"
    assert "refuse" in text.lower(), f"the docstring of {room} does not say what it refuses"


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_on_the_tour(room):
    assert f"`{room}`" in (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(MODES))
def test_every_mode_has_a_page_drawn_from_its_own_table(code, monkeypatch):
    monkeypatch.chdir(ROOT)
    mode = registry.mode(code)
    assert docs.read(mode) == docs.page(mode), "make docs"


def test_the_readme_can_be_read_at_once():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/operations/scale.md"]
)
def test_pages_name_only_files_that_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:docs|yunju|tests)/[\w./-]+|[A-Z]+\.md)`", text))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
