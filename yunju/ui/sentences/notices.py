"""What notices say."""

SENTENCES: dict[str, str] = {}
