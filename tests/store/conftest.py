"""A tenant on a fresh store, and a second store on the same database, as a second process would open it."""

from collections.abc import AsyncIterator

import pytest

from app.core.ports import Store
from app.store import open_store
from tests.store.world import World


@pytest.fixture
async def world(store: Store) -> World:
    return await World(store).add_tenant()


@pytest.fixture
async def second_store(database_url: str) -> AsyncIterator[Store]:
    opened = await open_store(database_url)
    yield opened
    await opened.close()
