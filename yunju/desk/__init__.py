"""The back office for staff: Django's admin over all clusters of the installation.

It refuses to change the ledger, orders or anything that has an action of its own: there it only shows.
"""
