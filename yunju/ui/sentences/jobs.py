"""What long work says."""

SENTENCES: dict[str, str] = {}
