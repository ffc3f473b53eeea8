"""The modes: ways to deliver, one folder each, strangers to each other. Start by copying the nearest sibling."""
