"""Modes: ship, and a mode that exists for tests only."""
