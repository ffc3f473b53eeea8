"""Payments: attempts, the inbox, payouts, bills; against the real simulated provider where a gateway is needed."""
