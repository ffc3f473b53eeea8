"""The pages people see, by journey: looking, buying, selling, being paid, running the cluster.

Words: a *page* reads from `visible_to` and writes by an action of a room below; it decides nothing.
It refuses to need JavaScript, to tell a stranger's object from one that does not exist, and forms it did not draw.
"""
