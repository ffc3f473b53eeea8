"""Word to people: what is kept for them in the site, and what leaves by SMS, group robot or mail.

Words: a *notice* is one thing told to one reader; a *channel* is a way out of the house behind one contract; *quiet
hours* hold back what can wait. It refuses to send in a transaction, to write a phone number into a log, and to pass the
limits of a number or a robot.
"""
