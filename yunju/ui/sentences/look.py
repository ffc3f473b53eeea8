"""Words of the frame around the pages."""

SENTENCES: dict[str, str] = {
    "rail.day": "Day",
    "rail.goods": "Goods",
    "rail.house": "House",
    "rail.money": "Money",
    "rail.seen": "How others see me",
    "rail.shop": "Shop",
}
