"""What the tests of the screens share: asyncio, for that is what Textual runs on."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
