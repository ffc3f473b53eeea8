"""The tests. They run as the application role on a real PostgreSQL and commit for real."""
