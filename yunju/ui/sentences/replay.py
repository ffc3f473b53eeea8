"""What the codes of replay say. The Chinese stands in the catalogue."""

SENTENCES = {
    "loops.paused": "The worker does not come to rest, or another replay is running. Try again in a minute.",
}
