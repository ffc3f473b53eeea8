"""What the pages of a buyer says."""

SENTENCES: dict[str, str] = {}
