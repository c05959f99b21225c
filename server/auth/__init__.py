"""Operators sign in: passwords, tickets, and the limits on guessing."""
