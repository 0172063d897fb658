"""Migrating a database of the first release with orders in it: forward, back, by several at once, and broken off."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect

from app.store import HEAD, migrate
from app.store.migrating import config
from tests.store.database import execute, look
from tests.store.jobs import new_id

RELEASED = "0002"
AT = "2026-01-02T03:04:05.678Z"
EVENTS = {n: new_id(n) for n in range(1, 4)}
BODIES = json.loads((Path(__file__).parent / "bodies" / f"{RELEASED}.json").read_text())
MIGRATE = "import sys; from app.store import migrating; print(); input(); migrating.upgrade(sys.argv[1])"
COUNTED = ("orders", "events", "order_keys", "stock_movements", "replays", "tasks")


def version(url: str) -> str:
    [(found,)] = execute(url, "SELECT version_num FROM alembic_version")
    return str(found)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def filling() -> Iterator[str]:
    """An order of each kind, the first with an address in capitals, each with a key and a movement of stock."""
    for n, (name, body) in enumerate(sorted(BODIES["orders"].items()), start=1):
        told = {**body, "customer": {**body["customer"], "email": "Ada@Example.COM" if n == 1 else None}}
        order = {
            "tenant_id": f"t{n}",
            "id": body["id"],
            "number": body["number"],
            "state": body["state"],
            "version": body["version"],
            "cancelled": name == "cancelled",
            "shipped": False,
            "progress": "none",
            "payment": "waiting",
            **dict.fromkeys(("placed_at", "created_at", "updated_at"), AT),
            "format": BODIES["format"],
            "body": json.dumps(told),
        }
        movement = {
            "id": EVENTS[n],
            "location_id": "w1",
            "sku": "MUG",
            "delta": n,
            "adjustment_id": EVENTS[n],
            "at": AT,
        }
        yield _insert("orders", order)
        yield _insert(
            "order_keys",
            {"tenant_id": f"t{n}", "dialect": "x", "kind": "order", "key": f"k{n}", "order_id": body["id"]},
        )
        yield _insert("stock_movements", {"tenant_id": f"t{n}", **movement})


def _insert(table: str, values: dict[str, Any]) -> str:
    texts = (str(value).lower() if isinstance(value, bool) else f"'{value}'" for value in values.values())
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(texts)})"  # noqa: S608 - made up here


@pytest.fixture
def released(empty_database_url: str) -> str:
    """The URL of a database as the release before this one left it."""
    look(empty_database_url, lambda connection: command.upgrade(config(connection), RELEASED))
    for statement in filling():
        execute(empty_database_url, statement)
    return empty_database_url


def counted(url: str) -> dict[str, int]:
    return {name: execute(url, f"SELECT count(*) FROM {name}")[0][0] for name in COUNTED}  # noqa: S608


def test_forward_back_and_forward_again(released: str):
    before = counted(released)
    assert (before["orders"], before["stock_movements"]) == (3, 3)
    for _ in range(2):
        migrate(released)
        assert version(released) == HEAD
        assert counted(released) == before
        found = execute(released, "SELECT email, archived_at, after_sales, after_sales_at FROM orders ORDER BY email")
        assert sorted(found, key=str) == [("ada@example.com", None, None, None), *[(None, None, None, None)] * 2]
        assert execute(released, "SELECT sum(delta), count(note), count(credential_id) FROM stock_movements") == [
            (6, 0, 0)
        ]
        pending = execute(released, "SELECT count(*) FROM orders WHERE undecided")
        assert pending == [(sum('"pending"' in json.dumps(x["cases"]) for x in BODIES["orders"].values()),)] != [(0,)]
        units = execute(released, "SELECT sum(units) FROM order_cancellations")
        look(released, lambda connection: command.downgrade(config(connection), RELEASED))
        assert version(released) == RELEASED
        assert counted(released) == before
        assert execute(released, "SELECT sum(units) FROM order_cancellations") == units
        assert "mail_templates" not in look(released, tables)


def test_several_at_once_migrate_it_once(released: str):
    run = [sys.executable, "-uc", MIGRATE, released]
    pipe = subprocess.PIPE
    runs = [subprocess.Popen(run, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for each in runs:
        assert each.stdout is not None
        each.stdout.readline()  # it is ready
    for each in runs:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.communicate(timeout=120)[1] for each in runs]

    assert [(each.returncode, text) for each, text in zip(runs, said, strict=True)] == [(0, "")] * 3
    assert version(released) == HEAD
    assert counted(released)["orders"] == 3


def test_what_breaks_off_leaves_everything_as_it_was(released: str):
    """Somebody's own index has a name that a later script wants."""
    execute(released, "CREATE INDEX stock_movements_level ON stock_movements (delta)")
    before = look(released, tables)
    with pytest.raises(Exception, match="stock_movements_level"):
        migrate(released)

    assert (version(released), look(released, tables)) == (RELEASED, before)
    execute(released, "DROP INDEX stock_movements_level")
    migrate(released)
    assert version(released) == HEAD
