"""The testers' tools: a server process, failing links, scenarios, recordings, load, pytest."""
