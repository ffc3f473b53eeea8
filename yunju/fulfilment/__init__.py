"""Fulfilment: the contract of a mode and the pure flow function. No tables, no Django.

Words: a *mode* is a way to deliver (ship, redeem, ...); its *flow* is data: states, moves, who may, timers, effects;
`next_step` answers what an event does to a state. It refuses to act: `orders.flow` locks, writes and posts.
"""
