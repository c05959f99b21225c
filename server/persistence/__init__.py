"""The journal that stores events in batches, and the threads that read."""
