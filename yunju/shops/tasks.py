"""Due work of shops. `config` registers the loops."""

from collections.abc import Callable

from yunju.shops import looks, posters

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("shops.looks", 3_600, looks.fold),
    ("shops.posters", 3_600, posters.drop_old),
)
"""Code, seconds between rounds, one bounded batch."""
