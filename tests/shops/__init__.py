"""Tests of the room shops."""
