"""Live Help: a live customer-service chat in the terminal. The library that testers import."""
