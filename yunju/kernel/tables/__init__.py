"""Tables that somebody sent, text or workbook, made into rows of text: bounded in bytes, memory, time and cells.

`spool.spooled` is the door. Each caller brings its own `limits.Limits` and says in its own words what was too much.
"""
