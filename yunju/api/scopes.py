"""What a token may be limited to. A person in a browser session holds all of them."""

from enum import StrEnum


class Scope(StrEnum):
    """One thing a token may do, always within what its user may do."""

    SHOP = "shop:write"
    OFFER = "offer:write"
    PURCHASE_READ = "purchase:read"
    PURCHASE = "purchase:write"
    ORDER_READ = "order:read"
    ORDER = "order:write"
    MONEY = "money:read"
    PAYOUT = "payout:write"
    PUBLIC = ""  # what anybody may see; needs no scope
    SESSION = "-"  # never a token's: making and ending tokens


GRANTABLE = tuple(scope for scope in Scope if scope not in (Scope.PUBLIC, Scope.SESSION))
