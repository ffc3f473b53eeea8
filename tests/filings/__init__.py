"""Filings: figures read, rounds, who may."""
