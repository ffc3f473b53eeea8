"""Saying something: one file per thing that is said."""
