"""One connection: its commands are checked, directed and carried out here."""
