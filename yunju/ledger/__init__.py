"""The ledger: accounts, transfers, entries, snapshots. Double entry, append-only; it knows no member and no order.

Words: an *account* belongs to an opaque subject (`member:42`) and has a kind and a currency; a *transfer* is a header
with `legs` entries that sum to zero per currency; a *snapshot* is the settled balance of an account up to an entry.
An entry's amount is added to its account: what the cluster owes is positive.

The database refuses an unbalanced, empty, short, edited, deleted or reopened transfer, an entry in another currency, a
reversal that is not the mirror of its original, and a floored account below its floor. `actions.post` is the only door.
"""
