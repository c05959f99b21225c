"""Committed events and signals go to the peers that may see them."""
