"""What lets many clusters be spread over machines: hot tables, hot statements, and the walk over both (DESIGN 9)."""
