"""The words of a text, for search: Chinese cut by a dictionary, Latin by its borders, model numbers whole and in parts. Pure.

The text of an offer and the words of a query are cut by the same rules: `SEG_VERSION` is raised with any change of them
or of the dictionary (rjieba's version), and the worker then writes every offer's words anew.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import rjieba

SEG_VERSION = 2
"""Of rjieba 0.2.2 with its own dictionary; a test holds the two together."""

LONGEST = 60
"""Characters of one word at most: PostgreSQL refuses words of 2 kB, and nobody types one of 60."""

_RUN = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"(?P<run>[{_RUN}]+)|(?P<word>[^\W_{_RUN}]+(?:[-._/+&'’][^\W_{_RUN}]+)*)")
_PART = re.compile(r"[0-9]+|[^\W\d_]+")
_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")


def folded(text: str) -> str:
    """As search compares: full width as half width, no case, no accents on Latin letters."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\0", "")
    return _MARKED.sub(lambda found: unicodedata.normalize("NFD", found.group())[0], plain)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: `run` of Chinese (Japanese, Korean) without borders, or one word with them."""

    text: str
    is_run: bool


def pieces(text: str) -> Iterator[Piece]:
    """The stretches of a text in their order; punctuation is none."""
    for found in _TOKEN.finditer(folded(text)):
        yield Piece(found.group(), found.lastgroup == "run")


def cut(run: str) -> list[str]:
    """The words of a run, none inside another: what a query asks for."""
    return [word[:LONGEST] for word in rjieba.cut(run)]


def pairs(run: str) -> list[str]:
    """Every two neighbours of a run: whoever types a part of a title finds it, wherever the dictionary cuts."""
    return [run[at : at + 2] for at in range(len(run) - 1)]


def spellings(word: str) -> list[str]:
    """A Latin word as people write it: whole, and without its hyphens."""
    joined = re.sub(r"[-._/+&'’]", "", word)
    return list(dict.fromkeys([word[:LONGEST], joined[:LONGEST]]))


def parts(word: str) -> list[str]:
    """`wh-1000xm4` -> wh, 1000, xm, 4: digits and letters apart, so that 500ml is found by `500 ml`."""
    return [part[:LONGEST] for part in _PART.findall(word)]


def words_of(text: str) -> set[str]:
    """Every word of a text: of runs also the shorter words inside the longer ones."""
    found: set[str] = set()
    for piece in pieces(text):
        if piece.is_run:
            found.update(word[:LONGEST] for word in rjieba.cut_for_search(piece.text))
        else:
            found.update(spellings(piece.text), parts(piece.text))
    return found


def fragments_of(text: str) -> set[str]:
    """Single characters and pairs of the runs of a text: for recall, below whole words in rank."""
    found: set[str] = set()
    for piece in pieces(text):
        if piece.is_run:
            found.update(piece.text, pairs(piece.text))
    return found
