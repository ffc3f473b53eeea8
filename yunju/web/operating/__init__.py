"""Pages of the operator: what is to do, members, orders, figures, papers, and going live."""
