"""Due work of notices. `config` registers the loops; those that talk to the world run in a lane of their own."""

from collections.abc import Callable

from yunju.notices import posting, sending

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("notices.lost", 60, sending.settle_lost),
    ("notices.forget", 3_600, sending.forget),
    ("notices.posts", 3_600, posting.forget),
)
WORLD: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("notices.send", 1, sending.send_due),
    ("notices.robots", 2, posting.post_due),
)
"""Code, seconds between rounds, one bounded batch."""
