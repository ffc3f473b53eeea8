"""What talks say."""

SENTENCES: dict[str, str] = {}
