"""The kernel by itself: what every room rests on."""
