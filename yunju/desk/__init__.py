"""The back office for staff: Django's admin over all clusters of the installation, to look things up.

It refuses to change anything: whatever changes a row is an action with its event row, never a form here.
"""
