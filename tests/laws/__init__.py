"""Laws: properties that hold for any sequence of what people may do, tried with generated ones."""
