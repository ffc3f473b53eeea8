"""Does search find what people would look for? Measured with titles of a real market in which people marked the product.

A file holds one character and its label a line (CoNLL): `B-HCCX` and `I-HCCX` mark the words that name the product, a blank
line ends a title. Each such span is searched for; what counts is whether its own title is found. Pure but for `measure`.
"""

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PRODUCT = "HCCX"
FIRST = 20
MOST_BYTES = 50_000_000
"""Of an unpacked file: a packed one may hold far more than it looks."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A title and the product spans in it."""

    title: str
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """Of `searched` spans: how many found their own title at all, how many among the first FIRST; those that did not.

    `rare`: spans that find FIRST titles or fewer, where being among the first asks nothing of the order. `hits`: how many
    titles a span finds on average.
    """

    titles: int
    searched: int
    found: int
    found_first: int
    rare: int
    hits: float
    missed: tuple[tuple[str, str], ...]


def read(folder: Path) -> list[Marked]:
    """All titles of the `*.conll.gz` files of a folder, in the order of the files' names."""
    return [one for path in sorted(folder.glob("taobao_ner_*.conll.gz")) for one in _titles(path)]


def _titles(path: Path) -> Iterator[Marked]:
    with gzip.open(path) as packed:
        text = packed.read(MOST_BYTES).decode("utf-8")
    for block in text.replace("\r\n", "\n").split("\n\n"):
        pairs = [line.rsplit(" ", 1) for line in block.split("\n") if line.strip()]
        if pairs:
            yield marked([(pair[0], pair[-1]) for pair in pairs])


def marked(pairs: Sequence[tuple[str, str]]) -> Marked:
    """A title out of its characters and their labels."""
    spans: list[str] = []
    inside = False
    for char, label in pairs:
        position, _, kind = label.partition("-")
        if kind == PRODUCT and (position == "B" or not inside):
            spans.append(char)
        elif kind == PRODUCT:
            spans[-1] += char
        inside = kind == PRODUCT
    return Marked("".join(char for char, _ in pairs), tuple(dict.fromkeys(spans)))


def measure(titles: Sequence[Marked], found: Callable[[str], Sequence[int]]) -> Recall:
    """`found` answers the numbers of the titles that words find, in their order."""
    searched = hits = first = rare = length = 0
    missed = []
    for number, one in enumerate(titles):
        for span in one.spans:
            order = found(span)
            searched, length, rare = searched + 1, length + len(order), rare + (len(order) <= FIRST)
            hits += number in order
            first += number in order[:FIRST]
            if number not in order:
                missed.append((span, one.title))
    return Recall(len(titles), searched, hits, first, rare, length / max(searched, 1), tuple(missed))
