"""Provinces in the reader's language; stored by their key, as rules and addresses keep them."""

from django.utils import translation

from yunju.catalog.provinces import PROVINCES, normalised

KEYS = frozenset(one.key for one in PROVINCES)


def choices() -> list[tuple[str, str]]:
    """(key, shown name) in the usual order."""
    chinese = (translation.get_language() or "").startswith("zh")
    return [(one.key, one.full if chinese else one.english) for one in PROVINCES]


def shown(name: str) -> str:
    """The name as the reader writes it; one that is no province of China as it is."""
    return dict(choices()).get(normalised(name) or "", name)


def key(name: str) -> str:
    """The key of a province written in any usual way; empty for what is none."""
    return normalised(name) or ""
