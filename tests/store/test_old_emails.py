"""Orders that were there before lists could look for an e-mail address are found by it, whatever letters it has."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from alembic import command

from app.core.model import Customer
from app.core.ports import Query
from app.store import migrate, open_store
from app.store.migrating import config
from tests.store.database import look
from tests.store.world import World, new_order, told

T = TypeVar("T")
EMAILS = ("ÄNNE.ÖZ@EXAMPLE.COM", "Ann@Example.com", "ΣΟΦΊΑ@example.gr", None)


def test_they_are_found_without_regard_to_capitals(empty_database_url: str) -> None:
    def do(work: Callable[[World], Awaitable[T]]) -> T:
        async def opened() -> T:
            world = World(await open_store(empty_database_url))
            try:
                return await work(world)
            finally:
                await world.store.close()

        return asyncio.run(opened())

    async def add(world: World) -> None:
        await world.add_tenant()
        for email in EMAILS:
            order = replace(new_order(), customer=Customer(email=email))
            await world.desk.create(world.caller, "native", order, told)

    async def find(world: World) -> list[list[str | None]]:
        asked = (
            "änne.öz@example.com",
            "ÄNNE.öz@Example.com",
            "ANN@example.com",
            "σοφία@EXAMPLE.GR",
            "anne@example.com",
        )
        found = [await world.desk.find(world.caller, Query(email=email)) for email in asked]
        return [[ledger.order.customer.email for ledger in some] for some in found]

    migrate(empty_database_url)
    do(add)
    expected = [[EMAILS[0]], [EMAILS[0]], [EMAILS[1]], [EMAILS[2]], []]
    assert do(find) == expected
    look(empty_database_url, lambda connection: command.downgrade(config(connection), "0003"))
    migrate(empty_database_url)
    assert do(find) == expected
