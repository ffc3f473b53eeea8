"""Provinces in the reader's language; stored by their key, as rules and addresses keep them."""

from collections.abc import Mapping
from functools import cache

from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from yunju.catalog.provinces import PROVINCES, normalised

KEYS = frozenset(one.key for one in PROVINCES)


def choices() -> list[tuple[str, str]]:
    """(key, shown name) in the usual order."""
    return list(_names(chinese=_is_chinese()).items())


def _is_chinese() -> bool:
    return (translation.get_language() or "").startswith("zh")


@cache
def _names(*, chinese: bool) -> Mapping[str, str]:
    return {one.key: one.full if chinese else one.english for one in PROVINCES}


def options(chosen: str) -> SafeString:
    """What stands in a `select`: the page of every offer has one, so each is written once."""
    return _options(chinese=_is_chinese(), chosen=chosen if chosen in KEYS else "")


@cache
def _options(*, chinese: bool, chosen: str) -> SafeString:
    rows = ((key, "selected" if key == chosen else "", name) for key, name in _names(chinese=chinese).items())
    return format_html_join("", '<option value="{}" {}>{}</option>', rows)


def shown(name: str) -> str:
    """The name as the reader writes it; one that is no province of China as it is."""
    return _names(chinese=_is_chinese()).get(normalised(name) or "", name)


def chinese(name: str) -> str:
    """The name in Chinese, whoever reads: carriers deliver by it. One that is no province of China as it is."""
    return _names(chinese=True).get(normalised(name) or "", name)


def key(name: str) -> str:
    """The key of a province written in any usual way; empty for what is none."""
    return normalised(name) or ""
