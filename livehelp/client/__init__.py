"""An anyio client over the wire; runs under trio and under asyncio."""
