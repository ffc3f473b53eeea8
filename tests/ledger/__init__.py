"""The ledger's tests: they commit for real, each in a cluster of its own number, as the application role or the owner."""
