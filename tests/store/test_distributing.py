"""What there is to do until a database is distributed by tenant, from what its catalogue says; and who refuses."""

from dataclasses import replace

import pytest
from sqlmodel import SQLModel

import app.store.tables  # noqa: F401 - declares the tables
from app.store.distributing import EVERYWHERE, FIRST, TABLES, Catalogue, Placed, Undistributable, steps
from tests.cli.program import refused, run, succeed
from tests.store.database import execute, look
from tests.store.test_migrating import tables

FRESH = Catalogue(available=True, installed=False, tables=[*TABLES, EVERYWHERE])
BEGUN = replace(FRESH, installed=True)
PLACED = {table: Placed("distributed", "tenant_id", 7) for table in TABLES}
DONE = replace(BEGUN, placed={**PLACED, EVERYWHERE: Placed("reference", "<none>", 3)})
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_every_table_is_distributed_by_its_first_column():
    assert set(TABLES) == set(SQLModel.metadata.tables)
    for table in SQLModel.metadata.tables.values():
        assert next(iter(table.primary_key)).name == "tenant_id"
        for index in table.indexes:
            assert not index.unique or index.columns.keys()[0] == "tenant_id"


def test_from_the_beginning():
    assert [str(step) for step in steps(FRESH)] == [
        "install the extension: CREATE EXTENSION citus",
        "distribute orders by tenant_id: SELECT create_distributed_table('orders', 'tenant_id')",
        *(
            f"distribute {table} by tenant_id: "
            f"SELECT create_distributed_table('{table}', 'tenant_id', colocate_with => 'orders')"
            for table in TABLES
            if table != FIRST
        ),
        "put alembic_version on every node: SELECT create_reference_table('alembic_version')",
    ]


@pytest.mark.parametrize("done", range(len(TABLES) + 1))
def test_one_that_broke_off_goes_on(done: int):
    broken = replace(BEGUN, placed={table: PLACED[table] for table in TABLES[:done]})
    assert steps(broken) == steps(FRESH)[done + 1 :]


def test_nothing_is_done_twice():
    assert steps(DONE) == []


def test_rows_of_before_are_freed():
    left = replace(DONE, placed={**DONE.placed, "events": Placed("distributed", "tenant_id", 7, left=True)})
    assert [step.sql for step in steps(left)] == ["SELECT truncate_local_data_after_distributing_table('events')"]


def test_a_table_of_a_later_schema():
    known = {table: placed for table, placed in DONE.placed.items() if table != "mail_templates"}
    assert [step.says for step in steps(replace(DONE, placed=known))] == ["distribute mail_templates by tenant_id"]


@pytest.mark.parametrize(
    ("catalogue", "why"),
    [
        (replace(FRESH, available=False), "no Citus extension"),
        (replace(FRESH, tables=[]), "no table orders: run `dragoman migrate` first"),
        (replace(DONE, coordinator=False), "a worker node"),
        (
            replace(DONE, placed={**DONE.placed, "tasks": Placed("distributed", "id", 7)}),
            "tasks is a distributed table by",
        ),
        (replace(DONE, placed={**DONE.placed, "tenants": Placed("reference", "<none>", 3)}), "tenants is a reference"),
        (replace(DONE, placed={**DONE.placed, "replays": Placed("distributed", "tenant_id", 8)}), "not colocated"),
    ],
)
def test_what_it_refuses(catalogue: Catalogue, why: str):
    with pytest.raises(Undistributable, match=why):
        steps(catalogue)


@on_postgres
def test_a_postgresql_without_the_extension(database_url: str):
    before = look(database_url, tables)
    for words in (("distribute",), ("distribute", "--dry-run")):
        assert refused(run(*words, database_url=database_url)).startswith("this PostgreSQL has no Citus extension: ")
    assert look(database_url, tables) == before
    assert execute(database_url, "SELECT count(*) FROM pg_extension WHERE extname = 'citus'") == [(0,)]
    assert succeed("migrate", database_url=database_url) == "the database is up to date"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file(database_url: str):
    assert refused(run("distribute", database_url=database_url)).startswith("only PostgreSQL can be distributed")
