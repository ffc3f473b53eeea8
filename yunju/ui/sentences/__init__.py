"""The sentences of the codes, a file per room: code to English source text; the Chinese stands in the catalogue."""

SENTENCES: dict[str, str] = {}
