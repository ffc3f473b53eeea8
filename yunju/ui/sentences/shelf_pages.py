"""What the pages of shelf, offer and search says."""

SENTENCES: dict[str, str] = {}
