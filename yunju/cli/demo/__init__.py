"""The demonstration: who is in it, what they sell, what happens, and how it leaves again. All through actions."""
