"""Version 1: one file per noun. A route reads its input, calls an action or a query, and shows the answer."""
