"""Measurements on this machine, each on a database of its own."""
