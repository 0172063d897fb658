"""The rules that let the same SQL run on a database distributed by tenant, checked on every statement there is."""

import ast
import inspect
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

import app.store
from app.core.finding import CaseQuery
from app.core.model import OrderState, Party, PaymentStatus
from app.core.policy import Policy
from app.core.ports import Credential, Kept, Location, Query, Ref, RefundQuery, Registry, ReplayKey, Search, Tenant
from app.core.stock import LevelQuery, MovementQuery
from app.store import (
    deliveries,
    mail_templates,
    postgres_queue,
    queries,
    retention,
    sqlite_queue,
    statements,
    stock,
    subscriptions,
    tasks,
)
from app.store.registry import SqlRegistry
from app.store.sql import Step
from app.store.statements import MOST_ROWS, Shape
from tests.house.sql_rules import TABLES, breaches

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_BEGINNING = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
MODULES = (statements, tasks, postgres_queue, sqlite_queue, subscriptions, deliveries, mail_templates, retention, stock)
FRAGMENTS = {"tasks.CHANNELS"}
WITHOUT_TENANT = {
    "registry.tenants": "the list of all tenants, asked for at the command line, and whether there is one only",
    "tasks.DUE_TENANTS": "whose work there is: the first of the two steps of a claim",
    "tasks.NEXT_DUE": "until when there is none",
    "tasks.BACKLOG": "a number for operators",
}
ACROSS_TENANTS = {"tasks_due"}
"""An index for looks over all tenants, which no constraint goes with."""
LOCKING = {"postgres_queue.TAKE": "FOR UPDATE SKIP LOCKED", "postgres_queue.STILL_WAITING": "FOR SHARE"}
"""The second step of a claim, within one tenant."""


class Recorder(SqlRegistry):
    """A registry that keeps what it would have run."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def fetch(self, text: str, *values: Any) -> Sequence[Any]:
        assert statements.parameters(f"$0 {text}") == len(values), text
        self.texts.append(text)
        return []

    async def fetch_each(self, text: str, rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        raise NotImplementedError

    async def together(self, *steps: Step) -> None:
        raise NotImplementedError

    async def execute(self, text: str, *values: Any, replay: Sequence[Any] | None = None) -> None:
        if replay is not None:
            text, values = statements.with_replay(text, len(values)), (*values, *replay[1:])
        await self.fetch(text, *values)

    @staticmethod
    def to_time(at: datetime | None) -> Any:
        return at

    @staticmethod
    def from_time(value: Any) -> datetime | None:
        return value  # type: ignore[no-any-return]


ARGUMENTS: dict[str, Any] = {
    "tenant": Tenant(id="t", name="", active=True, policy=Policy(), created_at=NOW),
    "credential": Credential(
        tenant_id="t",
        id="c",
        name="",
        party=Party.SELLER,
        scopes=(),
        dialects=None,
        secret_hash="",
        created_at=NOW,
    ),
    "location": Location(tenant_id="t", id="l", name="", connector=None, settings="{}", created_at=NOW, updated_at=NOW),
    "tenant_id": "t",
    "credential_id": "c",
    "location_id": "l",
    "at": NOW,
    "kept": None,
}
KEPT = Kept(key=ReplayKey("c", "k"), fingerprint="f", reply="r", at=NOW)


async def registry() -> dict[str, str]:
    """By name, the statement of each of the registry's methods."""
    found = {}
    for name, method in inspect.getmembers(Registry, inspect.isfunction):
        if name.startswith("_"):
            continue
        names = list(inspect.signature(method).parameters)[1:]
        for kept in (None, KEPT) if "kept" in names else (None,):
            recorder = Recorder()
            await getattr(recorder, name)(*({**ARGUMENTS, "kept": kept}[each] for each in names))
            (found[f"registry.{name}{', kept' if kept else ''}"],) = recorder.texts
    return found


def named() -> dict[str, str]:
    """Every text that stands in a module, completed where it ends before a comparison."""
    texts = {}
    for module in MODULES:
        for name, text in vars(module).items():
            known = f"{module.__name__.rpartition('.')[2]}.{name}"
            if isinstance(text, str) and _BEGINNING.match(text) and known not in FRAGMENTS:
                more = f"= ANY(${statements.parameters(text) + 1}::text[])" if text.endswith(" ") else ""
                texts[known] = text + more
    return texts


def commits() -> dict[str, str]:
    shapes = product((True, False), (True, False), range(4), (0, 1), range(4), range(3))
    return {repr(shape): statements.commit(shape) for shape in (Shape(*each) for each in shapes)}


_FILTERED = Query(
    search=Search("00000000-0000-7000-8000-000000000000", ["d", "e"]),
    undecided=True,
    refs=[Ref("00000000-0000-7000-8000-000000000000", "d", "order", "a"), Ref(None, "d", "order", "b")],
    number="n",
    numbers=["n", "o"],
    email="e",
    standing=["draft", "open", "closed"],
    states=list(OrderState),
    cancelled=True,
    shipped=False,
    progress=["none", "full"],
    payments=list(PaymentStatus),
    archived=True,
    after_sales=["pending"],
    after_sales_from=NOW,
    after_sales_before=NOW,
    created_from=NOW,
    created_before=NOW,
    updated_from=NOW,
    updated_before=NOW,
    changed_from=NOW,
    changed_before=NOW,
    placed_from=NOW,
    placed_before=NOW,
)


def lists() -> dict[str, str]:
    found = {}
    bodies, pages = (queries.POSTGRESQL, queries.SQLITE), (None, (NOW, "x"))
    for by_update, descending, after, body in product((False, True), (False, True), pages, bodies):
        query = replace(_FILTERED, by_update=by_update, descending=descending, after=after)
        for name, made in (("select", queries.select), ("count", queries.count)):
            text, values = made("t", query, lambda at: at, body)
            assert statements.parameters(text) == len(values)
            found[f"{name} {by_update} {descending} {after} {body}"] = text
    for descending, body in product((False, True), bodies):
        asked = RefundQuery(
            orders=_FILTERED.refs, ids=["a"], created_from=NOW, created_before=NOW, descending=descending, offset=1
        )
        text, values = queries.refunds("t", asked, lambda at: at, body)
        assert statements.parameters(text) == len(values)
        found[f"refunds {descending} {body}"] = text
    for waits, location, since, body in product((None, True, False), (None, "l"), pages, bodies):
        cases = CaseQuery(asked=waits, location_id=location, after=since)
        text, values = queries.undecided("t", cases, lambda at: at, body)
        assert statements.parameters(text) == len(values)
        found[f"cases {cases} {body}"] = text
    found["select none"] = queries.select("t", Query(refs=[], states=[]), lambda at: at, bodies[0])[0]
    return found


def shelves() -> dict[str, str]:
    """Each combination of filters, on the first page and on a later one."""
    found = {}
    for location, sku, go_on in product((None, "l"), (None, "s"), (False, True)):
        levels = LevelQuery(location_id=location, sku=sku, after=("l", "s") if go_on else None)
        made = {"levels": stock.select_levels("t", levels)}
        movements = MovementQuery(location_id=location, sku=sku)
        made["movements"] = stock.select_movements("t", movements, (NOW, "x") if go_on else None)
        for name, (text, values) in made.items():
            assert statements.parameters(text) == len(values)
            found[f"{name} {location} {sku} {go_on}"] = text
    return found


async def everything() -> dict[str, str]:
    inserts = {f"insert {table}": statements.insert(table, 1) for table in statements.INSERTS}
    found = {**named(), **inserts, **commits(), **lists(), **shelves(), **await registry()}
    assert len(found) >= 38 + 7 + 384 + 33 + 24 + 4 + 16 + 15
    return found


async def test_every_statement_keeps_the_rules():
    texts = await everything()
    for name, clause in LOCKING.items():
        assert clause in texts[name]
        texts[name] = texts[name].replace(clause, "")
    found = {name: wrong for name, text in texts.items() if (wrong := breaches(text))}
    assert found == {name: ["a table is not bound to the tenant"] for name in WITHOUT_TENANT}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SELECT 1 FROM orders WHERE id = $1", "a table is not bound"),
        ("SELECT 1 FROM orders WHERE tenant_id = $11", "a table is not bound"),
        ("SELECT 1 FROM orders o JOIN events e ON e.tenant_id = o.tenant_id WHERE o.tenant_id = $1", "events e is not"),
        ("SELECT 1 FROM tenants t WHERE t.tenant_id = $1 AND EXISTS (SELECT FROM orders)", "a table is not bound"),
        ("SELECT 1 FROM elsewhere WHERE tenant_id = $1", "unknown table"),
        ("UPDATE orders SET version = $2 WHERE id = $1", "a table is not bound"),
        ("UPDATE orders SET updated_at = now() WHERE tenant_id = $1", "volatile"),
        ("DELETE FROM replays WHERE key = $1", "a table is not bound"),
        ("INSERT INTO events (tenant_id, id) VALUES ($1, $2), ($3, $4)", "a row of another tenant"),
        ("INSERT INTO events (id, tenant_id) VALUES ($1, $2)", "not VALUES"),
        ("INSERT INTO events (tenant_id, id) VALUES ($1, gen_random_uuid())", "volatile"),
        ("MERGE INTO orders USING x", "volatile"),
        ("WITH u AS (UPDATE orders SET id = $2 WHERE tenant_id = $1) SELECT 1", "ends with"),
        (
            "WITH u AS (UPDATE orders SET id = $2 WHERE tenant_id = $1 RETURNING id), "
            "e AS (INSERT INTO events (tenant_id, id) SELECT $1, id FROM u)\nSELECT 1/count(*) FROM u",
            "e reads another part",
        ),
    ],
)
def test_the_check_finds_what_breaks_a_rule(text: str, wrong: str):
    assert any(wrong in breach for breach in breaches(text)), breaches(text)


@pytest.mark.parametrize("rows", [MOST_ROWS, MOST_ROWS + 1])
def test_one_statement_stays_small(rows: int):
    shape = Shape(new=True, subscribed=True, tasks=1, replays=1, keys=rows - 2, movements=0)
    assert shape.fits == (rows <= MOST_ROWS)
    assert statements.parameters(statements.commit(Shape(True, True, MOST_ROWS, 0, 0, 0))) < 32_767 / 10


async def test_sqlite_runs_the_same_texts():
    for text in (await everything()).values():
        assert "$" not in statements.sqlite(text)
        assert re.findall(r"\?(\d+)", statements.sqlite(text)) == re.findall(r"\$(\d+)", text)


def test_every_key_starts_with_the_tenant():
    assert len(TABLES) >= 9
    for name, table in TABLES.items():
        assert next(column.name for column in table.primary_key) == "tenant_id", name
        for index in table.indexes:
            first = next(column.name for column in index.columns)
            assert first == ("due_at" if index.name in ACROSS_TENANTS else "tenant_id"), index.name
        constraints = {type(constraint).__name__ for constraint in table.constraints}
        assert constraints == {"PrimaryKeyConstraint"}, name


def test_no_sequence_trigger_or_default_gives_anything():
    for name, table in TABLES.items():
        assert table.autoincrement_column is None, name
        for column in table.columns:
            given = (column.default, column.server_default, column.onupdate, column.identity, column.computed)
            assert given == (None,) * 5, f"{name}.{column.name}"
    assert SQLModel.metadata._sequences == {}


def test_sql_is_written_in_these_modules_only():
    """A statement elsewhere would escape the checks above."""
    root = Path(inspect.getfile(app.store)).parents[1]
    allowed = {module.__name__.rpartition(".")[2] for module in MODULES} | {"queries", "registry", "views"}
    about = re.compile(rf"\b(FROM|INTO|UPDATE|JOIN)\s+({'|'.join(TABLES)})\b")
    for path in root.rglob("*.py"):
        texts = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
        if any(isinstance(text, str) and about.search(text) for text in texts):
            within = path.relative_to(root / "store").parts
            assert within[0] == "migrations" or path.stem in allowed, path
