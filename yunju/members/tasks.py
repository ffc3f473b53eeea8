"""Due work of members. `config` registers the loops."""

from collections.abc import Callable

from yunju.members.actions import codes, invitations, sign_ins

LOOPS: tuple[tuple[str, int, Callable[[], int]], ...] = (
    ("members.codes", 3_600, codes.forget_codes),
    ("members.lists", 3_600, invitations.forget_lists),
    ("members.sign_ins", 3_600, sign_ins.forget),
)
"""Code, seconds between rounds, one bounded batch."""
