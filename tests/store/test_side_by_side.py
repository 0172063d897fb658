"""A process of the last release goes on while the database is migrated, and beside a new one: its own statements, as
they were recorded, on the new schema."""

import asyncio
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command

from app.core.ledger import Ledger
from app.core.messages import Cancel, Target
from app.core.model import Scope
from app.store import HEAD, is_embedded, migrate, open_store
from app.store.migrating import config
from tests.store.database import look
from tests.store.test_migrating import BODIES, RELEASED, version
from tests.store.world import START, World, new_order

SAID = json.loads((Path(__file__).parent / "released" / f"{RELEASED}.json").read_text())
_TENANT = (
    "INSERT INTO tenants (tenant_id, name, active, subscribed, policy, created_at) "
    "VALUES ('t1', 'Tenant', $1, false, '{}', $2)"
)
FACTS = {"tenant_id": "t1", "cancelled": False, "shipped": False, "progress": "none", "payment": "waiting"}


class Old:
    """One connection of that process, on which its statements were prepared before the migration."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def ask(self, text: str, values: Sequence[Any]) -> list[Any]:
        if isinstance(self._connection, sqlite3.Connection):
            plain = [at.isoformat() if hasattr(at, "isoformat") else at for at in values]
            return self._connection.execute(re.sub(r"\$(\d+)", r"?\1", text), plain).fetchall()
        return [tuple(row) for row in await self._connection.fetch(text, *values)]

    async def load(self, order_id: str) -> Any:
        """Format and body, of an order that its dialect calls by our id."""
        [row] = await self.ask(SAID["load"], ["t1", order_id, "", "", "", "", ""])
        return json.loads(row[4])

    async def create(self, body: Any) -> None:
        for table, facts in (("orders", _head(body)), ("events", _event(body))):
            names = SAID["insert"][table].split(", ")[: len(facts)]
            numbers = ", ".join(f"${n}" for n in range(1, len(names) + 1))
            text = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({numbers})"  # noqa: S608 - as it was recorded
            await self.ask(text, [facts[name] for name in names])

    async def change(self, body: Any, was: int) -> int:
        """How many rows."""
        new = _head(body)
        order = ("tenant_id", "id", "was", "version", "state", "cancelled", "shipped", "progress", "payment")
        values = [({**new, "was": was})[name] for name in (*order, "updated_at", "format", "body")]
        return len(await self.ask(SAID["update"] + " RETURNING 1", values))


def _own(body: Any, n: int) -> Any:
    """Under a number and ids of its own."""
    order = body["id"].rstrip("0")
    return {**json.loads(json.dumps(body).replace(order, f"{order[:-1]}{n}")), "number": f"old-{n}"}


def _head(body: Any) -> dict[str, Any]:
    times = dict.fromkeys(("placed_at", "created_at", "updated_at"), START)
    told = {name: body[name] for name in ("id", "number", "state", "version")}
    return {**FACTS, **told, **times, "format": BODIES["format"], "body": json.dumps(body)}


def _event(body: Any) -> dict[str, Any]:
    told = {"id": body["id"], "order_id": body["id"], "version": 1, "type": "order.created", "at": START}
    by = {"credential_id": "c1", "dialect": "native", "party": "seller", "case_id": None}
    return {"tenant_id": "t1", **told, **by, "before": "{}", "after": "{}"}


@asynccontextmanager
async def old_process(url: str) -> AsyncIterator[Old]:
    if is_embedded(url):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        try:
            yield Old(connection)
        finally:
            connection.close()
        return
    other = await asyncpg.connect(url)
    try:
        yield Old(other)
    finally:
        await other.close()


async def test_an_old_process_goes_on(empty_database_url: str):
    url = empty_database_url
    before, after = (_own(body, n) for n, body in enumerate([*BODIES["orders"].values()][:2]))
    # In a thread, since migrating runs an event loop of its own.
    await asyncio.to_thread(look, url, lambda connection: command.upgrade(config(connection), RELEASED))
    async with old_process(url) as old:
        await old.ask(_TENANT, [True, START])
        await old.create(before)
        assert await old.change({**before, "version": 2}, before["version"]) == 1
        await asyncio.to_thread(migrate, url)
        assert await asyncio.to_thread(version, url) == HEAD
        assert (await old.load(before["id"]))["version"] == 2
        assert await old.change({**before, "version": 3}, 2) == 1
        assert await old.change({**before, "version": 3}, 2) == 0, "it is behind, and is told so"
        await old.create(after)
        store = await open_store(url)
        try:
            new = World(store)
            for body in (before, after):
                order = await new.order(body["id"])
                assert order.number == body["number"]
            made = await new.create(new_order(4))
            await new.act(made.id, Cancel(scope=Scope.LINES, targets=(Target(ref=made.lines[0].id, quantity=1),)))
            seen = await old.load(made.id)
            assert await old.change({**seen, "note": "seen by both", "version": 3}, 2) == 1
            both = await new.order(made.id)
            assert (both.note, both.version, Ledger(both).cancelled_units) == ("seen by both", 3, 1)
        finally:
            await store.close()
