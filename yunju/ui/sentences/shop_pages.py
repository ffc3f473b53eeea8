"""What the pages of a shopkeeper says."""

SENTENCES: dict[str, str] = {}
