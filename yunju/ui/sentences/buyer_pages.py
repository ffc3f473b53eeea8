"""What the pages of buyers say."""

SENTENCES: dict[str, str] = {
    "case.phone_first": "Please prove first that the phone of this order is yours.",
    "order.door": "That did not open the order. Please check the digits; after several wrong tries it stays closed for an hour.",
    "order.of_account": "This order belongs to an account. Please sign in to see it.",
}
