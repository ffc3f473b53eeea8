"""The flow of orders: the one way in which a fulfilment state changes.

Words: a *move* is an event that leads an order from state to state, or leaves a *mark* on it; a *timer* is a row that
says what silence means, and when; a *dispute* lies over the state, freezes the timers and changes nothing below.
The table of moves is the mode's (`fulfilment.contract`), the decision is `fulfilment.flow.next_step`; here are the lock,
the guarded update, the event row, the timers and the effects, in one transaction and in the same number of statements
for one order or a thousand.
It refuses moves that the table does not have, and to know any mode by name.
"""
