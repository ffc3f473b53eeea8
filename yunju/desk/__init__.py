"""The staff back office: Django admin, read-only for ledger and orders."""
