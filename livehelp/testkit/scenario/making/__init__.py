"""Writes a scenario file from a stored transcript, anonymized if wanted."""
