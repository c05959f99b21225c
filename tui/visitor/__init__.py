"""The visitor's screens."""
