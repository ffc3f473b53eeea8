"""Read models, reports and figures for people who run something. It owns no truth: all of it can be made anew.

Words: a *to-do* is a count that opens a list which can be worked off; a *figure* is a number with its unit and its
period. It refuses to move money and to be read by who may not see the rows behind a figure.
"""
