"""The secrets of an installation: made once, kept in `secrets.json` of its home, readable by its user alone."""

import base64
import json
import os
import secrets
from pathlib import Path

from yunju.cli.say import Stop


def load(home: Path) -> dict[str, str]:
    """All secrets; those that are missing are made and written first."""
    path = home / "secrets.json"
    found = _read(path) if path.exists() else {}
    missing = {name: make() for name, make in MAKERS.items() if name not in found}
    if missing:
        found |= missing
        _write(path, found)
    return found


def _read(path: Path) -> dict[str, str]:
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Stop(
            f"{path} is not JSON any more. It holds this installation's keys: restore it from a copy."
        ) from error
    return {str(name): str(value) for name, value in found.items()}


def _write(path: Path, found: dict[str, str]) -> None:
    """Whole or not at all: a half-written key file would lose the data it encrypts."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(found, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _password() -> str:
    return secrets.token_urlsafe(24)


def _data_key() -> str:
    return "1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MAKERS = {
    "secret_key": lambda: secrets.token_urlsafe(50),
    "data_keys": _data_key,
    "postgres_superuser": _password,
    "postgres_owner": _password,
    "postgres_app": _password,
}
