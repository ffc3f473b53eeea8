"""A description goes to its form as words and comes back as the same paragraphs."""

import pytest

from yunju.web.paragraphs import as_html, as_text


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("", ""),
        ("<p>青花碗</p><p>A bowl &amp; a cup</p>", "青花碗\n\nA bowl & a cup"),
        ("<p>一</p>\n<p>二</p>", "一\n\n二"),
    ],
)
def test_bare_paragraphs_are_edited_as_words_and_come_back(kept: str, shown: str):
    assert as_text(kept) == shown
    assert as_html(as_text(kept)) == kept.replace("\n", "")


@pytest.mark.parametrize("kept", ["<p>a <strong>b</strong></p>", "<ul><li>a</li></ul>", "<p>1 &lt; 2</p>"])
def test_richer_html_is_edited_as_it_is(kept: str):
    assert as_text(kept) == kept
    assert as_html(as_text(kept)) == kept
