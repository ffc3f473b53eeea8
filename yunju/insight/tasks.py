"""Due work of insight. `config` registers the loops."""

from collections.abc import Callable

from yunju.insight import figures

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("insight.figures", figures.EVERY_SECONDS, figures.recount),
)
"""Code, seconds between rounds, one bounded batch."""
