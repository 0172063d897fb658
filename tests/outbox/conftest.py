"""A receiver, and a tenant to send to it from."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.ports import Store
from app.store import open_store
from tests.outbox.receiver import Receiver, receiving
from tests.outbox.world import World


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def world(store: Store) -> World:
    return await World(store).open()


@pytest.fixture
async def sqlite_store(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """For what is the same on every engine."""
    opened = await open_store(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'dragoman.db')}")
    yield opened
    await opened.close()
