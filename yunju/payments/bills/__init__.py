"""Provider bills against our clearing: what differs becomes a row that somebody explains (invariant I14).

Words: a *reference* is our number on a bill line (an attempt's `out_no`, a refund's `refund_no`); rooms above tell with
`register_reference` how their transfers are called there. It refuses to correct anything: a difference is for a person.
"""

from yunju.payments.bills.compare import WORDS_MOST, compare_day, explain_difference
from yunju.payments.bills.references import register_reference

__all__ = ["WORDS_MOST", "compare_day", "explain_difference", "register_reference"]
