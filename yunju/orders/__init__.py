"""Orders: from the cart to the last cent.

Words: a *purchase* is what a buyer pays at once; an *order* is what one supplier owes of it by one mode, with *lines*;
a *share* is one payee's part of one line, fixed at placement; *release* makes a share withdrawable; a *refund* takes
from the shares what they still can give; an after-sale *case* is a buyer's claim.
Status is three axes: payment (purchase), fulfilment and after-sale (order), each with its own transition table.
It refuses to charge what the buyer was not shown, to sell what is not there, and to pay anybody twice.
"""
