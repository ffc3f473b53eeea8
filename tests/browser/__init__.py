"""The site as people see it: a real installation, a real browser."""
