"""A payment provider for trying things out: a process of its own with its own port, cashier and SQLite file.

It plays the provider's side of the contract: it knows the site only by HTTP and signatures, imports nothing of it, and
keeps its own book. Words: a *payment* is what a merchant announced, its *parts* go to sub-merchants, a *notification*
tells the merchant what happened, the *control page* makes it tell that late, twice or falsely.
It refuses to be a provider: no money moves here, and whoever reaches its port may press its buttons.
"""
