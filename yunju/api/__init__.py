"""The REST interface under /api/v1 and the webhooks. Thin: the same actions as the pages."""
