"""Shops: micro-shops that pick offers freely, and who brought a buyer.

Words: a *shop* is opened in under a minute by anybody; a *listing* is a pick, never a copy of stock or price;
*attribution* is the shop whose signed share link the buyer came by.
It refuses a second level: a shop knows its owner and its picks, and no other shop.
"""
