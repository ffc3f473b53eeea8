"""Word to people."""
