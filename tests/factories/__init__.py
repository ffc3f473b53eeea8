"""Small factories, one file per room. They write rows with random codes and commit; nothing is ever flushed."""
