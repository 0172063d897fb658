"""The schema: refused unless it is this program's, the same as declared, the same on both engines."""

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, inspect
from sqlmodel import SQLModel

from app.store import HEAD, SchemaOutdated, migrate, open_store
from app.store.migrating import config
from tests.store.database import execute, look
from tests.store.world import TABLES, VIEWS, World, everything, new_order


def found_version(url: str) -> str | None:
    async def attempt() -> None:
        await (await open_store(url)).close()

    with pytest.raises(SchemaOutdated, match=r"dragoman migrate|the version that migrated it") as outdated:
        asyncio.run(attempt())
    return outdated.value.found


def test_head_is_the_newest_script():
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_an_empty_database_is_refused_and_stays_empty(empty_database_url: str):
    assert found_version(empty_database_url) is None
    assert look(empty_database_url, lambda connection: inspect(connection).get_table_names()) == []
    assert found_version(empty_database_url) is None


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_an_older_or_newer_schema_is_refused(empty_database_url: str, version: str):
    migrate(empty_database_url)
    execute(empty_database_url, f"UPDATE alembic_version SET version_num = '{version}'")  # noqa: S608
    assert found_version(empty_database_url) == version


def test_migrating_twice_is_harmless(empty_database_url: str):
    migrate(empty_database_url)

    async def write() -> dict[str, Any]:
        store = await open_store(empty_database_url)
        await (await World(store).add_tenant()).create(new_order(keys={"shopline": "s"}))
        rows = await everything(store)
        await store.close()
        return rows

    async def read() -> dict[str, Any]:
        store = await open_store(empty_database_url)
        rows = await everything(store)
        await store.close()
        return rows

    before = asyncio.run(write())
    migrate(empty_database_url)
    assert asyncio.run(read()) == before


def test_autogenerate_finds_nothing_to_change(database_url: str):
    def difference(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, SQLModel.metadata))

    assert look(database_url, difference) == []


def test_keys_are_those_declared(database_url: str):
    """Which autogenerate does not compare."""

    def keys(connection: Connection) -> dict[str, Any]:
        inspector: Inspector = inspect(connection)
        return {name: inspector.get_pk_constraint(name)["constrained_columns"] for name in TABLES}

    declared = {name: [column.name for column in table.primary_key] for name, table in TABLES.items()}
    assert look(database_url, keys) == declared


def test_views_have_the_same_columns(database_url: str):
    def columns(connection: Connection) -> dict[str, str]:
        inspector: Inspector = inspect(connection)
        return {name: " ".join(c["name"] for c in inspector.get_columns(name)) for name in inspector.get_view_names()}

    assert look(database_url, columns) == VIEWS
