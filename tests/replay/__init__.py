"""Real orders, and ones made for their quirks, replayed into the book."""
