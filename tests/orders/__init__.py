"""Orders: from the cart to the last cent."""
