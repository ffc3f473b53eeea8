"""What is said about an order: the thread between buyer and supplier, and the review after receipt.

Words: a *thread* belongs to one order; an *answer* is due 24 hours after the buyer wrote; a *review* belongs to one line
and comes from who received it. It refuses strangers, shops (they see that a thread is open, not what it says), and the
removal of a bad review.
"""
