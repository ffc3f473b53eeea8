"""The transition tables of the payment and after-sale axes, as data. The fulfilment axis is a mode's flow.

`state -> {event: next}`; who may is in `policy`. A purchase, once paid, expired or cancelled, is never woken.
"""

from collections.abc import Mapping

from yunju.kernel.errors import Refused

PAYMENT: Mapping[str, Mapping[str, str]] = {
    "unpaid": {"pay": "paid", "expire": "expired", "cancel": "cancelled"},
    "paid": {},
    "expired": {},
    "cancelled": {},
}

AFTER_SALE: Mapping[str, Mapping[str, str]] = {
    "none": {"open": "open"},
    "open": {"settle": "settled", "close": "none"},
    "settled": {"open": "open"},
}

CASE: Mapping[str, Mapping[str, str]] = {
    "asked": {
        "agree": "agreed",
        "refuse": "refused_by",
        "withdraw": "withdrawn",
        "silence": "agreed",
        "escalate": "disputed",
    },
    "agreed": {
        "send_back": "returning",
        "settle": "settled",
        "withdraw": "withdrawn",
        "silence": "withdrawn",
    },
    "returning": {"accept": "settled", "silence": "settled", "escalate": "disputed"},
    "refused_by": {"escalate": "disputed", "withdraw": "withdrawn", "silence": "refused"},
    "disputed": {"rule_buyer": "settled", "rule_supplier": "refused"},
    "settled": {},
    "refused": {},
    "withdrawn": {},
}

CASE_ENDS = frozenset(state for state, moves in CASE.items() if not moves)


def after(table: Mapping[str, Mapping[str, str]], state: str, event: str) -> str:
    """The state that `event` leads to. Raises Refused (`flow.forbidden`) when the table has no such move."""
    if event not in table[state]:
        raise Refused("flow.forbidden", event=event, state=state)
    return table[state][event]
