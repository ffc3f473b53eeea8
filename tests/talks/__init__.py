"""What is said about orders, tested."""
