"""What the codes of ledger say. The Chinese stands in the catalogue."""

SENTENCES = {
    "ledger.already_posted": "This payment event has already been booked.",
    "ledger.already_reversed": "This booking has already been reversed.",
    "ledger.amount_range": "The amount is out of range.",
    "ledger.currency": "The booking names an unknown account or another currency.",
    "ledger.debt_above_zero": "More would be paid back than is owed.",
    "ledger.empty": "A booking needs at least two entries.",
    "ledger.kind_unknown": "There is no such kind of account.",
    "ledger.legs": "The booking does not have exactly its own entries.",
    "ledger.not_mirrored": "A reversal must mirror the whole original.",
    "ledger.overdrawn": "There is not enough money in the account for this.",
    "ledger.transfer_unknown": "There is no booking {transfer}.",
    "ledger.unbalanced": "The booking does not add up: the difference is {difference}.",
}
