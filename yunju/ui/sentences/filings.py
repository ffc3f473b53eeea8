"""What filings say."""

SENTENCES: dict[str, str] = {}
