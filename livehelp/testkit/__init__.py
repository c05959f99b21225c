"""Tools for testers, each usable without the server, the screens and the others."""
