"""Forms that the operator asks members to fill in each quarter (填报), and what they handed in.

Words: a *form* has columns and versions; a *round* is one quarter of it with a deadline; a *return* is what one member
handed in. It refuses a figure that is no number, a return for another member, and a change after the round is closed.
"""
