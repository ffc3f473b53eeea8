"""Promises that every implementation of a contract must keep."""
