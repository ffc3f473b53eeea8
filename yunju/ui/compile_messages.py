"""Compiles a gettext catalogue without the gettext programs, which a fresh machine does not have.

A language's texts stand in `parts/`, a file per room or journey, so that two people rarely write in the same one;
`python -m yunju.ui.compile_messages` joins them in LC_MESSAGES/django.mo; a test holds that equal. A text that two parts
need may stand in both, with the same translation. It reads what our catalogues use: comments, msgctxt, msgid,
msgid_plural, msgstr and strings over several lines.
"""

import ast
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
MAGIC = 0x950412DE
CONTEXT, PLURAL = "\x04", "\x00"


@dataclass
class Entry:
    """One message: its parts by keyword, in the order of the file."""

    parts: dict[str, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    def key(self) -> str:
        context = self.parts.get("msgctxt")
        plural = self.parts.get("msgid_plural")
        single = self.parts["msgid"] + (PLURAL + plural if plural is not None else "")
        return single if context is None else context + CONTEXT + single

    def value(self) -> str:
        forms = [text for name, text in self.parts.items() if name.startswith("msgstr")]
        return PLURAL.join(forms)


def read(text: str) -> dict[str, str]:
    """The translated messages of a .po text: key to translation. Fuzzy and empty ones are left out."""
    entries = [entry for entry in _entries(text) if entry.value().strip(PLURAL) and not entry.is_fuzzy]
    found = {entry.key(): entry.value() for entry in entries}
    if len(found) != len(entries):
        raise ValueError("a message stands in the catalogue twice")
    return found


def _entries(text: str) -> Iterator[Entry]:
    entry, keyword = Entry(), ""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if line.startswith("#"):
            entry.is_fuzzy |= line.startswith("#,") and "fuzzy" in line
        elif not line:
            if entry.parts:
                yield entry
                entry = Entry()
        elif line.startswith('"'):
            entry.parts[keyword] += _string(line, number)
        else:
            keyword, _, rest = line.partition(" ")
            if keyword in entry.parts:
                raise ValueError(f"line {number}: {keyword} twice in one message")
            entry.parts[keyword] = _string(rest, number)
    if entry.parts:
        yield entry


def _string(quoted: str, number: int) -> str:
    try:
        value = ast.literal_eval(quoted)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"line {number}: not a string: {quoted}") from error
    return str(value)


def joined(parts: Iterable[Path]) -> dict[str, str]:
    """The messages of a language out of its parts. ValueError where two parts translate one text differently."""
    found: dict[str, str] = {}
    for part in parts:
        for key, value in read(part.read_text(encoding="utf-8")).items():
            if found.setdefault(key, value) != value:
                raise ValueError(f"{part.name}: another part translates {key!r} as {found[key]!r}")
    return found


def compiled(messages: Mapping[str, str]) -> bytes:
    """The .mo bytes of messages: sorted by key, as gettext reads them."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    keys, values = b"", b""
    key_table, value_table = [], []
    first = 28 + 16 * len(pairs)
    room = sum(len(key) + 1 for key, _ in pairs)
    for key, value in pairs:
        key_table += [len(key), first + len(keys)]
        value_table += [len(value), first + room + len(values)]
        keys += key + b"\0"
        values += value + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    tables = struct.pack(f"<{4 * len(pairs)}I", *key_table, *value_table)
    return head + tables + keys + values


def main() -> int:
    for folder in sorted(LOCALE.glob("*/parts")):
        target = folder.parent / "LC_MESSAGES" / "django.mo"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(compiled(joined(sorted(folder.glob("*.po")))))
        sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
