"""What insight says."""

SENTENCES: dict[str, str] = {}
