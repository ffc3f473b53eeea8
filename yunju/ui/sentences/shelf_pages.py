"""What the pages of shelf, offer and search says."""

SENTENCES: dict[str, str] = {
    "loop.catalog.words": "Write the words of search anew",
    "loop.orders.sold": "Count what sold in 30 days",
    "loop.orders.fronts": "Put what sells best first in the index of words",
    "favourite.too_many": "You have {most} favourites, which is as many as there may be. Take one away first.",
}
