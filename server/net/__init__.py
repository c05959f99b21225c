"""Bytes only: sockets, listeners, the poller and the queue of what is still to be sent."""
