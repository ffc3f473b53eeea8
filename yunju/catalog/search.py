"""From texts to what PostgreSQL compares: the words of an offer as a `tsvector`, a person's words as a `tsquery`. Pure.

Weights: A the words of the title; B brand, category, tags; C characters and pairs of those; D the description. The
cluster and the category are words as well, so that the index alone (GIN, without an extension) keeps them apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yunju.catalog import segments
from yunju.catalog.segments import LONGEST, Piece, folded

__all__ = ["folded"]

MOST_BODY = 4_000
"""Characters of a description that are found: what matters stands at its beginning."""

MOST_QUERY, MOST_PIECES = 100, 10


@dataclass(frozen=True, slots=True)
class Texts:
    """What an offer is found by. `labels`: brand, tags, the names of its category."""

    cluster_id: int
    title: str
    labels: Sequence[str] = ()
    body: str = ""
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """`match` is what must be found, `rank` what it is weighed by; all are texts of a `tsquery`.

    `alone` is `match` for a shelf that has most of all offers: without the cluster, a word that nearly all have. `rest`
    is that without the beginning at its end; empty where there is none, or nothing else.
    """

    match: str
    rank: str
    alone: str
    rest: str = ""


def vector(texts: Texts) -> str:
    """The text of a `tsvector`. Each word stands once, with the best weight it has."""
    weights = dict.fromkeys(_places(texts.cluster_id, texts.category_id), "")
    labels = "\n".join(texts.labels)
    for weight, words in (
        ("A", segments.words_of(texts.title)),
        ("B", segments.words_of(labels)),
        ("C", segments.fragments_of(f"{texts.title}\n{labels}")),
        ("D", segments.words_of(texts.body[:MOST_BODY])),
    ):
        for word in words:
            weights.setdefault(word, weight)
    return " ".join(f"{_quoted(word)}:1{weight}" for word, weight in sorted(weights.items()))


def query(
    cluster_id: int | None, words: str, *, category_id: int | None = None, is_typing: bool = False
) -> Query | None:
    """What a person looks for: every piece must be found. None when nothing is asked: no words, only punctuation.

    `cluster_id` None: in whatever the caller looks through.

    The last Latin word is a beginning (`cup` finds cups); while somebody `is_typing`, so is the last Chinese word.
    """
    asked = list(segments.pieces(words[:MOST_QUERY]))[:MOST_PIECES]
    if not asked:
        return None
    clauses, weighed = [], []
    for piece in asked:
        is_open = piece is asked[-1]
        clauses.append(
            _run(piece, is_open=is_open and is_typing) if piece.is_run else _word(piece, is_open=is_open)
        )
        weighed += _weighed(piece)
    is_begun = is_typing or not asked[-1].is_run
    rank = " | ".join(dict.fromkeys(weighed))
    return _told(cluster_id, category_id, clauses, rank, whole=clauses[:-1] if is_begun else ())


def standing(cluster_id: int, category_id: int) -> Query:
    """All that stands in a category, as a query of words."""
    return _told(cluster_id, category_id, [], _quoted(_places(None, category_id)[0]))


def near(cluster_id: int, words: str) -> Query | None:
    """What is like a query that found nothing: any of its words or pairs will do."""
    asked = list(segments.pieces(words[:MOST_QUERY]))[:MOST_PIECES]
    loose = list(dict.fromkeys(one for piece in asked for one in _loosely(piece)))
    if not loose:
        return None
    either = " | ".join(loose)
    return _told(cluster_id, None, [f"({either})"], either)


def _told(
    cluster_id: int | None,
    category_id: int | None,
    clauses: Sequence[str],
    rank: str,
    whole: Sequence[str] = (),
) -> Query:
    """`whole`: the clauses without a beginning, where there is one."""

    def match(cluster: int | None, those: Sequence[str]) -> str:
        return " & ".join([*map(_quoted, _places(cluster, category_id)), *those])

    rest = match(None, whole) if whole else ""
    return Query(match(cluster_id, clauses), rank, match(None, clauses), rest)


def _run(piece: Piece, *, is_open: bool) -> str:
    words = segments.cut(piece.text)
    whole = [_quoted(word) for word in words]
    if is_open:
        whole[-1] += ":*"
    ways = [_all(whole)]
    if len(piece.text) > 1 and not (len(words) == 1 and len(piece.text) == 2):
        ways.append(_all(_quoted(pair) for pair in segments.pairs(piece.text)))
    return _any(ways)


def _word(piece: Piece, *, is_open: bool) -> str:
    ways = [_quoted(word) for word in segments.spellings(piece.text)]
    if is_open and len(piece.text) > 1:
        ways = [f"{way}:*" for way in ways]
    apart = segments.parts(piece.text)
    if len(apart) > 1:
        ways.append(_all(_quoted(part) for part in apart))
    return _any(ways)


def _weighed(piece: Piece) -> list[str]:
    if not piece.is_run:
        return [f"{_quoted(word)}:*" for word in segments.spellings(piece.text)]
    return [_quoted(word) for word in [*segments.cut(piece.text), *segments.pairs(piece.text)]]


def _loosely(piece: Piece) -> list[str]:
    if piece.is_run:
        words = [word for word in segments.cut(piece.text) if len(word) > 1]
        return [_quoted(word) for word in [*words, *segments.pairs(piece.text)]] or [_quoted(piece.text)]
    begins = [piece.text[: max(3, len(piece.text) - 2)]] if len(piece.text) > 3 else []
    return [f"{_quoted(word)}:*" for word in [*begins, *segments.parts(piece.text)] if len(word) > 1]


def _places(cluster_id: int | None, category_id: int | None) -> list[str]:
    """Where an offer stands, as words: no word of a text has this sign."""
    return [f"@{sign}{pk}" for sign, pk in (("", cluster_id), ("c", category_id)) if pk is not None]


def _quoted(word: str) -> str:
    """A word as PostgreSQL's parsers of both types read it, whatever it contains."""
    return "'" + word[:LONGEST].replace("\\", "\\\\").replace("'", "''") + "'"


def _all(ways: Iterable[str]) -> str:
    return _joined(ways, " & ")


def _any(ways: Iterable[str]) -> str:
    return _joined(ways, " | ")


def _joined(ways: Iterable[str], sign: str) -> str:
    given = list(dict.fromkeys(ways))
    return given[0] if len(given) == 1 else f"({sign.join(given)})"
