"""Payouts: what a payee may take out leaves the book for its bank, many payees under one approval.

A *run* is made from everybody who is ready (`eligible`), approved by a second person (money moves from available to
paying_out), carried to the bank as a file, and settled by the bank's answer: paid (paying_out to clearing) or failed
(back to available, with the bank's words). It refuses to pay anybody who owes, whose papers are missing, or twice.
"""

from yunju.payments.payouts.bankfile import bank_file
from yunju.payments.payouts.eligible import Candidate, LeftOut, candidates
from yunju.payments.payouts.results import Outcome, read_results
from yunju.payments.payouts.runs import Approved, Made, approve_run, ask_payout, cancel_run, make_run

__all__ = [
    "Approved",
    "Candidate",
    "LeftOut",
    "Made",
    "Outcome",
    "approve_run",
    "ask_payout",
    "bank_file",
    "cancel_run",
    "candidates",
    "make_run",
    "read_results",
]
