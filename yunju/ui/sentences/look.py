"""Words of the frame around the pages."""

SENTENCES: dict[str, str] = {
    "rail.day": "Day",
    "rail.goods": "Goods",
    "rail.house": "Settings",
    "rail.money": "Money",
    "rail.seen": "Customers",
    "rail.shop": "Shop",
}
