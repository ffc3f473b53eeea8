"""Tests of formats, sentences and the catalogue."""
