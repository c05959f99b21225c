"""Sessions in memory, and the path of a command through them."""
