"""What the codes of flow say. The Chinese stands in the catalogue."""

SENTENCES = {
    "busy.locked": "Somebody else is working on this right now. Please try again in a moment.",
    "flow.disputed": "The order is in dispute: it stands still until that is settled.",
    "flow.done_already": "That has been done already; it is possible once only.",
    "flow.forbidden": "That is not possible now: the order has moved on.",
    "flow.needs_more": "This step needs more details: please use its form.",
    "flow.not_disputed": "The order is not in dispute.",
    "flow.not_open": "The order has not been paid yet.",
    "flow.not_yours": "This step is not yours to take.",
    "flow.nothing_to_extend": "There is no deadline running that could be extended.",
    "flow.reason": "Please choose one of the reasons given.",
    "flow.too_early": "That is not possible yet.",
    "mode.unknown": "There is no such way of delivery: {mode}.",
    "order.unknown": "There is no such order.",
}
