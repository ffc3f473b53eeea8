"""What may be done in the catalog: each function is one transaction of policy, lock, change and event row."""
