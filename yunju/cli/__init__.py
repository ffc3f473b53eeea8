"""cli: the `yunju` command, one file per sub-command, and what it needs to run a whole installation by itself.

Words: a *child* is a process that `yunju up` keeps alive; a *lifeline* is the small parent that stops a child when
`yunju up` itself is gone; the *place* is where the embedded PostgreSQL keeps its cluster, sockets and binaries.

Refuses: two `up` on one home, a server whose guards are missing, and deciding anything about the trade: commands call
the same actions as pages do.
"""
