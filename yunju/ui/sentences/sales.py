"""What the codes of flash sales say. The Chinese stands in the catalogue."""

SENTENCES = {
    "event.sale.changed": "Flash sale changed",
    "event.sale.ended": "Flash sale ended early",
    "event.sale.made": "Flash sale made",
    "sale.begun": "The sale has begun: its terms hold. It can only be ended.",
    "sale.each": "Pieces per buyer: at least 1, and not more than the sale has.",
    "sale.over": "The sale is over.",
    "sale.overlap": "This variant has another sale in that time.",
    "sale.past": "The end must be ahead.",
    "sale.per_buyer": "“{title}” is on sale for {limit} pieces per buyer; you have {had} already.",
    "sale.price": "A sale price is above 0 and below the price of {list_minor}.",
    "sale.quota": "From 1 to {most} pieces, please.",
    "sale.sold_out": "“{title}”: {left} left at the sale price. Without the sale a piece costs {list_minor}.",
    "sale.times": "The end comes after the start, at most {most} days later.",
    "sale.unknown": "There is no such sale.",
}
