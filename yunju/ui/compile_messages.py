"""Compiles a gettext catalogue without the gettext programs, which a fresh machine does not have.

`python -m yunju.ui.compile_messages` writes each django.mo beside its django.po; a test holds them equal. It reads what
our catalogues use: comments, msgctxt, msgid, msgid_plural, msgstr and strings over several lines.
"""

import ast
import struct
import sys
from collections.abc import Iterator
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


def compiled(text: str) -> bytes:
    """The .mo bytes of a .po text: messages sorted by key, as gettext reads them."""
    pairs = sorted((key.encode(), value.encode()) for key, value in read(text).items())
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
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        source.with_suffix(".mo").write_bytes(compiled(source.read_text(encoding="utf-8")))
        sys.stdout.write(f"{source.with_suffix('.mo')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
