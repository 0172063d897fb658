"""A database of the first schema, with data, is brought forward without losing any, and back."""

import asyncio
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from app.core.messages import Cancel
from app.core.model import Scope
from app.store import HEAD, migrate, open_store
from app.store.migrating import config
from tests.store.database import execute, look
from tests.store.jobs import new_id
from tests.store.world import START, TABLES, World, new_order, table, told

AT = "2026-01-02T03:04:05.678Z"
ORDER, EVENT = new_id(1), new_id(2)
TASKS = {
    "publish": (EVENT, '{"event_id": "x"}', "NULL"),
    "warehouse": (new_id(3), '{"case_id": "c", "location_id": "w1"}', f"'{AT}'"),
    "deadline": (new_id(4), '{"case_id": "c"}', "NULL"),
}
ROWS = [
    ("tenants", f"'Tenant', true, '{{}}', '{AT}'"),
    ("credentials", f"'c1', 'k', 'seller', '[]', NULL, 'hash', '{AT}', NULL, NULL"),
    (
        "events",
        f"'{EVENT}', '{ORDER}', 1, 'order.created', '{AT}', 'c1', 'native', 'seller', NULL, '{{}}', "
        '\'{"state": "open"}\'',
    ),
    *(
        ("tasks", f"'{id_}', '{ORDER}', '{kind}', '{payload}', '{AT}', 2, {lease}")
        for kind, (id_, payload, lease) in TASKS.items()
    ),
]


def to(version: str) -> Any:
    def move(connection: Connection) -> None:
        (command.upgrade if version == HEAD else command.downgrade)(config(connection), version)

    return move


@pytest.fixture
def old(empty_database_url: str) -> str:
    """The URL of a database as the first release left it."""
    look(empty_database_url, lambda connection: command.upgrade(config(connection), "0001"))
    for name, values in ROWS:
        execute(empty_database_url, f"INSERT INTO {name} VALUES ('t1', {values})")  # noqa: S608 - made up here
    return empty_database_url


def schema(connection: Connection) -> dict[str, Any]:
    """Columns, keys and indexes of every table."""
    seen = inspect(connection)
    return {
        name: (
            sorted((each["name"], str(each["type"]), each["nullable"]) for each in seen.get_columns(name)),
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted((str(each["name"]), each["column_names"], each["unique"]) for each in seen.get_indexes(name)),
        )
        for name in seen.get_table_names()
    }


def test_what_was_there_is_there_after_it(old: str):
    migrate(old)

    async def read() -> dict[str, Any]:
        store = await open_store(old)
        rows = {name: await table(store, name) for name in TABLES}
        assert (await store.credential("t1", "c1")) is not None
        await store.close()
        return rows

    rows = asyncio.run(read())
    assert [(row["name"], row["active"], row["subscribed"]) for row in rows["tenants"]] == [("Tenant", True, False)]
    assert [(row["secret_hash"], row["sealed_secret"]) for row in rows["credentials"]] == [("hash", None)]
    assert [(row["after"], row["format"], row["body"]) for row in rows["events"]] == [({"state": "open"}, None, None)]
    tasks = {row["kind"]: row for row in rows["tasks"]}
    assert {kind: (row["channel"], row["attempts"]) for kind, row in tasks.items()} == {
        "warehouse": ("w1", 2),
        "deadline": ("", 2),
    }
    for row in tasks.values():
        assert (row["lane"], row["place"], row["failed_at"], row["error"]) == (None, 0, None, None)


def test_the_new_program_works_on_it(old: str):
    migrate(old)

    async def work() -> list[str]:
        store = await open_store(old)
        world = World(store)
        await world.subscribe()
        await world.desk.create(world.caller, "native", new_order(), told)
        order_id = (await table(store, "orders"))[0]["id"]
        await world.act(order_id, Cancel(scope=Scope.ORDER))
        jobs = await store.claim("t1", START.replace(year=2027), START.replace(year=2028), 10)
        await store.close()
        return [job.kind for job in jobs]

    assert sorted(asyncio.run(work())) == ["deadline", "publish", "warehouse"]


def test_there_is_a_way_back(old: str):
    before = look(old, schema)
    migrate(old)
    look(old, to("0001"))
    assert look(old, schema) == before
    assert sorted(row[0] for row in execute(old, "SELECT kind FROM tasks")) == ["deadline", "warehouse"]
    look(old, to(HEAD))
    assert len(execute(old, "SELECT channel FROM tasks")) == 2
