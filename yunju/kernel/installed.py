"""Numbered SQL files of the rooms: installed once by a migration, never edited after, compared at start-up.

Grants name the application role. Its name is a setting of the server, so a file writes `{app}` where it stands.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("kernel", "ledger", "orders", "members", "catalog", "shops", "payments", "modes/ship", "talks")


def files() -> list[Path]:
    """All numbered SQL files of all rooms, in a fixed order."""
    return sorted(
        path for folder in FOLDERS for path in (ROOT / folder / "sql").glob("[0-9][0-9][0-9][0-9]_*.sql")
    )


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def install(name: str) -> migrations.RunPython:
    """A migration operation that runs `yunju/<name>` whole and notes its hash. `name` is like `ledger/sql/0001_guard.sql`."""
    path = ROOT / name

    def forwards(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        text = path.read_text(encoding="utf-8").replace("{app}", settings.YUNJU_APP_ROLE)
        with editor.connection.cursor() as cursor:
            cursor.execute(text)
            cursor.execute(
                "INSERT INTO kernel_installed_sql (name, sha256) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET sha256 = EXCLUDED.sha256",
                [name, digest(path)],
            )

    return migrations.RunPython(forwards, migrations.RunPython.noop)
