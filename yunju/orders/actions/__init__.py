"""The writes of orders, one file per verb. Each action is one transaction; gateways are called outside of it."""
