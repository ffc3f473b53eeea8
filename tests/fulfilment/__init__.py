"""The contract of a mode and the pure flow function."""
