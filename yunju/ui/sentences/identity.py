"""What signing in, codes, invitations say."""

SENTENCES: dict[str, str] = {}
