"""A mail server for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.mail.sink import Sink, serving


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with serving(Sink()) as made:
        yield made
