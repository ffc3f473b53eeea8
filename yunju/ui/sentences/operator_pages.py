"""What the pages of an operator says."""

SENTENCES: dict[str, str] = {
    "event.wording.set": "The list of forbidden words was changed; it has {count} words now",
    "text.forbidden": "The words “{word}” may not stand here: this market allows no promises of riches and no recruiting.",
    "text.forbidden_too_many": "The list holds at most {most} words.",
    "text.forbidden_too_short": "“{word}” is too short: a word of the list needs two letters or digits that count.",
}
