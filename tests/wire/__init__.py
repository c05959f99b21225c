"""The wire: both ends in memory, every message, every cut, any bytes at all."""
