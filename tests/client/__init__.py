"""The client library, under trio and under asyncio, through links that break.

``peer`` is a server that says what a test tells it; ``visits`` and ``duty`` are the beginnings that
tests of a visitor and of an operator share; ``words`` has messages with their fields filled in.
"""
