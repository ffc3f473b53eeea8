"""What the pages of an operator says."""

SENTENCES: dict[str, str] = {}
