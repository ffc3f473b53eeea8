"""What the pages of a supplier says."""

SENTENCES: dict[str, str] = {}
