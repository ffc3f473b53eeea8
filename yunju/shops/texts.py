"""What a shopkeeper may write: plain text of a bounded length. Pure."""

from yunju.kernel.errors import Invalid
from yunju.members import inputs

NAME_LENGTH, INTRO_LENGTH, TITLE_LENGTH = 60, 300, 200


def line(text: str, *, field: str, most: int, least: int = 1) -> str:
    """One line without markup. Raises Invalid at `field`."""
    return _plain(inputs.text(text, field=field, most=most, least=least), field)


def paragraph(text: str, *, field: str, most: int) -> str:
    """Several lines without markup; may be empty. Raises Invalid at `field`."""
    return _plain(inputs.text(text, field=field, most=most, least=0, lines=True), field)


def _plain(text: str, field: str) -> str:
    """Pages escape all text; but a shop's words also go into posters, chats and exports, which may not."""
    if "<" in text or ">" in text:
        raise Invalid("shops.text_html", field=field)
    return text
