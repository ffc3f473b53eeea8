"""`make crash`: buyers keep buying from the real stack while its parts are killed with -9; afterwards everything is counted.

The stack is `yunju up` on a fresh home; it starts again by itself what is killed. The harness is only its world: buyers
with tokens and keys, a provider that is paid, time that passes. It keeps its own list of what was acknowledged, and a
process that took no part compares it with the book. What it cannot show: a power cut. Killing processes leaves the
system's memory of files as it is; that fsync is on is what start-up insists on.
"""
