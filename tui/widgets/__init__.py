"""What both screens are made of. Each file is one widget; none knows the client or the wire."""
