"""Payments: gateways behind one contract, attempts, refunds at the provider, payouts, bills.

Words: an *attempt* is one try to pay one purchase at one gateway, with a *part* per receiving supplier; `verify` turns
a notification into a *verified event* and hands it to whoever asked; a *payout run* pays many members at once.
It refuses to decide money: an adapter says what the provider said, an action of `orders` books it.
"""
