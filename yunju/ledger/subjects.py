"""Names of account owners. Opaque to the ledger: it compares them and knows nothing behind them."""


def member(member_id: int) -> str:
    """A payee: pending, available, reserve, paying_out, debt; of the operator also loss and provider_cost."""
    return f"member:{member_id}"


def gateway(code: str) -> str:
    """A payment provider: clearing, unapplied, refund_due."""
    return f"gateway:{code}"


def order(order_id: int) -> str:
    """An order whose payees are not known yet: escrow."""
    return f"order:{order_id}"
