"""The style sheet of the site: one file for the browser, many by idea for those who write it.

`ui/yunju.css` is bound out of PARTS where static files are collected or looked for. A page so asks for one file, which
it keeps for ever (its name carries its hash); nobody needs a build for it.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCE = Path(__file__).resolve().parent / "static" / "ui"
NAME = "ui/yunju.css"
PARTS = (
    "tokens",
    "type",
    "frame",
    "components",
    "forms",
    "tables",
    "account",
    "home",
    "buyer",
    "shop",
    "supplier",
    "operator",
    "print",  # last: on paper nothing else has a say
)


def bound() -> str:
    """All parts in their order."""
    return "\n".join((SOURCE / f"{part}.css").read_text(encoding="utf-8").strip() for part in PARTS) + "\n"


class BoundSheet(BaseFinder):
    """Finds one file, `ui/yunju.css`, and binds it anew when a part has changed."""

    def check(self, **_kwargs: Any) -> list[Any]:
        missing = [part for part in PARTS if not (SOURCE / f"{part}.css").is_file()]
        assert not missing, f"parts of {NAME} are missing: {missing}"
        return []

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """As Django asks: one path, or all of them where `find_all` is given; an empty list is "not here"."""
        if path != NAME:
            return []
        found = str(_write())
        return [found] if True in (*args, *kwargs.values()) else found

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield NAME, FileSystemStorage(location=_write().parent.parent)


def _write() -> Path:
    """Replaced in one step: another process may be reading it."""
    path = Path(settings.YUNJU_HOME) / "bound" / NAME
    text = bound()
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8"
        ) as part:
            part.write(text)
        Path(part.name).chmod(0o644)
        Path(part.name).replace(path)
    return path
