"""The catalog: shelf, stock, rules, freight, pictures, import."""
