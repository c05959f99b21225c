"""Black-box tests of the protocol, for this server or anybody else's; see README.md."""
