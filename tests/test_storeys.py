"""The walls: imports by import-linter, and foreign keys, which are imports that it cannot see (they are strings)."""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
STOREY = {
    room.strip().strip("()"): n for n, line in enumerate(CONTRACT["layers"]) for room in line.split("|")
}


def storey(model: type[Model]) -> int | None:
    package, room, *_ = model.__module__.split(".")
    return STOREY[room] if package == "yunju" else None


def climbing_keys(models: list[type[Model]]) -> Iterator[str]:
    for model in models:
        for field in model._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            if target is None or None in (storey(model), storey(target)):
                continue
            stays_home = model._meta.app_label == target._meta.app_label
            if not stays_home and storey(target) <= storey(model):
                yield f"{model._meta.label}.{field.name} climbs to {target._meta.label}"


def test_foreign_keys_go_down_the_stairs():
    assert list(climbing_keys(apps.get_models())) == []


def test_the_wall_sees_a_climbing_key(monkeypatch):
    """The same models in a house turned upside down must be refused, or the test above proves nothing."""
    monkeypatch.setattr(sys.modules[__name__], "STOREY", {room: -n for room, n in STOREY.items()})
    assert list(climbing_keys(apps.get_models()))


def test_imports_go_down_the_stairs():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_models_and_migrations_agree(db_app, capsys):
    try:
        call_command("makemigrations", check=True, dry_run=True)
    except SystemExit:
        raise AssertionError(capsys.readouterr().out) from None
