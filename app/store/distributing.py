"""Turns a PostgreSQL database with the Citus extension into one that is distributed by tenant.

What there is to do follows from what the catalogue says, so a run that broke off is simply run again. Every statement
names its tenant on every table, so all of them are distributed and colocated: what a tenant has lies on one node, and
a commit there needs no other. Only the version of the schema is on every node, for whoever connects to it.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field

import asyncpg

from app.store.opening import is_embedded, usable

COLUMN = "tenant_id"
FIRST = "orders"
"""All others are colocated with it."""
TABLES = (
    FIRST,
    "credentials",
    "events",
    "locations",
    "mail_templates",
    "order_keys",
    "replays",
    "stock_movements",
    "subscriptions",
    "tasks",
    "tenants",
    "webhook_deliveries",
)
"""A test compares it with the declarations."""
EVERYWHERE = "alembic_version"

_TABLES = """
SELECT table_name::text, citus_table_type, distribution_column, colocation_id, pg_relation_size(table_name) > 0
FROM citus_tables
"""


class Undistributable(Exception):  # noqa: N818 - the database is; the text says what is missing
    """The database cannot be distributed as it is."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A table as Citus knows it. `left`: rows of before still take room on the coordinator, where nobody sees them."""

    kind: str
    column: str
    group: int
    left: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a database says of itself."""

    available: bool
    installed: bool
    coordinator: bool = True
    tables: Collection[str] = ()
    placed: Mapping[str, Placed] = field(default_factory=dict)

    @property
    def distributed(self) -> bool:
        return FIRST in self.placed


@dataclass(frozen=True, slots=True)
class Step:
    """One statement, sent by itself, and what it is for."""

    says: str
    sql: str

    def __str__(self) -> str:
        return f"{self.says}: {self.sql}"


def steps(catalogue: Catalogue) -> list[Step]:
    """What is left to do, in order; nothing, if all is done. Raises Undistributable."""
    _check(catalogue)
    made = [] if catalogue.installed else [Step("install the extension", "CREATE EXTENSION citus")]
    for table in TABLES:
        if table not in catalogue.placed:
            beside = "" if table == FIRST else f", colocate_with => '{FIRST}'"
            sql = f"SELECT create_distributed_table('{table}', '{COLUMN}'{beside})"
            made.append(Step(f"distribute {table} by {COLUMN}", sql))
    if EVERYWHERE not in catalogue.placed:
        made.append(Step(f"put {EVERYWHERE} on every node", f"SELECT create_reference_table('{EVERYWHERE}')"))
    for table, placed in sorted(catalogue.placed.items()):
        if placed.left:
            sql = f"SELECT truncate_local_data_after_distributing_table('{table}')"
            made.append(Step(f"free what {table} was before", sql))
    return made


def _check(catalogue: Catalogue) -> None:
    if not catalogue.available and not catalogue.installed:
        raise Undistributable(
            "this PostgreSQL has no Citus extension: install it on every node, name it in shared_preload_libraries, "
            "restart, and run this again"
        )
    if missing := [table for table in TABLES if table not in catalogue.tables]:
        raise Undistributable(f"there is no table {missing[0]}: run `dragoman migrate` first")
    if not catalogue.coordinator:
        raise Undistributable("this is a worker node: tables are distributed on the coordinator")
    for table in TABLES:
        placed = catalogue.placed.get(table)
        if placed is None:
            continue
        if placed.kind != "distributed" or placed.column != COLUMN:
            raise Undistributable(f"{table} is a {placed.kind} table by {placed.column}, not by {COLUMN}: undo that")
        if catalogue.distributed and placed.group != catalogue.placed[FIRST].group:
            raise Undistributable(f"{table} is not colocated with {FIRST}: undo its distribution")


async def read(connection: asyncpg.Connection) -> Catalogue:
    available = await connection.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'")
    installed = await connection.fetchval("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    tables = [row[0] for row in rows]
    if not installed:
        return Catalogue(bool(available), installed=False, tables=tables)
    coordinator = await connection.fetchval("SELECT groupid = 0 FROM pg_dist_local_group")
    placed = {row[0]: Placed(*row[1:]) for row in await connection.fetch(_TABLES)}
    return Catalogue(bool(available), installed=True, coordinator=coordinator, tables=tables, placed=placed)


async def distribute(url: str, *, only_if_begun: bool = False, dry_run: bool = False) -> AsyncIterator[Step]:
    """Each step before it is done. `only_if_begun`: nothing, unless the database is a distributed one already.

    Raises Undistributable, Unusable, OSError.
    """
    if is_embedded(url):
        if only_if_begun:
            return
        raise Undistributable("only PostgreSQL can be distributed, and DRAGOMAN_DATABASE_URL is an SQLite file")
    with usable():
        connection = await asyncpg.connect(url, server_settings={"application_name": "dragoman-distribute"})
        try:
            catalogue = await read(connection)
            if only_if_begun and not catalogue.distributed:
                return
            done: set[Step] = set()
            # What a step leaves behind is seen only afterwards.
            while todo := [step for step in steps(catalogue) if step not in done]:
                for step in todo:
                    yield step
                    if not dry_run:
                        await connection.execute(step.sql)
                done.update(todo)
                catalogue = await read(connection)
        finally:
            await connection.close()
