"""A receiver, and a tenant to send to it from."""

from collections.abc import AsyncIterator

import pytest

from app.core.ports import Store
from tests.outbox.receiver import Receiver, receiving
from tests.outbox.world import World


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def world(store: Store) -> World:
    return await World(store).open()
