"""What a command left in the database, read past it. No test and no fixture is here."""

import asyncio

from app.core.model import Order
from app.core.ports import Query
from app.store import open_store


def orders(database_url: str, tenant_id: str) -> list[Order]:
    """The first of a tenant's orders, oldest first."""

    async def read() -> list[Order]:
        store = await open_store(database_url, pool_size=1)
        try:
            return await store.find(tenant_id, Query(limit=250))
        finally:
            await store.close()

    return asyncio.run(read())


def count(database_url: str, tenant_id: str) -> int:
    async def read() -> int:
        store = await open_store(database_url, pool_size=1)
        try:
            return await store.count(tenant_id, Query())
        finally:
            await store.close()

    return asyncio.run(read())
