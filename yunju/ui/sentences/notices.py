"""What people are told: `notice.<code>`, with `count` where many fold into one; and the texts that leave by SMS."""

SENTENCES: dict[str, str] = {
    "notice.case.answered": "The shop has answered your request for order {number}",
    "notice.case.asked": "Requests after the sale that wait for your answer: {count}",
    "notice.case.deadline": "Answer the request for order {number} before {due_at}: after that the buyer gets the money back",
    "notice.case.disputed": "Order {number}: both sides ask you to decide",
    "notice.order.new": "New orders to ship: {count}",
    "notice.payout.failed": "{amount_minor} could not be paid out and is available again: look at your payout account",
    "notice.payout.paid": "{amount_minor} is on its way to your account ending in {last4}",
}
