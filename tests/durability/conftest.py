"""The seed of the random runs, and how long the state machine goes on.

``LIVEHELP_SEED=50000 pytest tests/durability`` plays another slice of the random runs, and
``pytest tests/durability --hypothesis-profile=long`` lets the state machine live for an hour.
"""

import os
from typing import Final

import pytest
from hypothesis import settings

SEED_VARIABLE: Final = "LIVEHELP_SEED"
LONG: Final = "long"

settings.register_profile(LONG, max_examples=5_000)


@pytest.fixture
def first_seed() -> int:
    """Where the slice of random runs begins."""
    return int(os.environ.get(SEED_VARIABLE, "0"))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return request.param
