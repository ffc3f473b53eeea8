"""The numbers under a list: the first, the last, those around this one, a gap where some are left out."""

import pytest

from yunju.ui.templatetags.yunju import page_numbers


@pytest.mark.parametrize(
    ("now", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 9, [1, 2, 3, 0, 9]),
        (5, 9, [1, 0, 3, 4, 5, 6, 7, 0, 9]),
        (4, 9, [1, 2, 3, 4, 5, 6, 0, 9]),
        (9, 9, [1, 0, 7, 8, 9]),
    ],
)
def test_numbers_of_pages(now: int, last: int, shown: list[int]):
    assert page_numbers(now, last) == shown
