"""The kernel: what every room stands on and that knows no domain.

Words: money (integer minor units and a currency), split, clock, ids, errors, actor, outbox, idempotency, locks, bulk SQL.
It refuses to know what a shop or an order is: nothing here imports another room.
"""
