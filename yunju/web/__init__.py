"""The pages people see, a file per journey. Thin: every write is an action of a room below, every read starts from
visible_to.

A page works without JavaScript, asks no foreign host and holds no inline code; a fault stands at its field in the
reader's language with what was typed kept. It refuses names a form does not know, and answers 404 for what is a
stranger's.
"""
