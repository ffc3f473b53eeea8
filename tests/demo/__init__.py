"""The demonstration: run once as a user's `yunju up` runs it, then looked at."""
