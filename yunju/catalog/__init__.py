"""The catalog: what suppliers put on the shared shelf.

Words: an *offer* has *variants* (priced and stocked), pictures, a category, a mode of delivery and a commission rule
with service roles; *stock* is a row per variant and *place*; a *freight rule* says what sending costs.
The price is the supplier's alone. It refuses a shop's own price or stock: nothing here knows a shop.
"""
