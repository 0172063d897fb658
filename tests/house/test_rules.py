"""House rules that no linter knows: each is a search of the source, and proves that it would find a breach."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from app.core.refusal import Code
from tests.house.sources import APP, shown, sources

_HTTP = frozenset(HTTPStatus)
Search = Callable[[str], Iterator[str]]


def _text(pattern: str) -> Search:
    found = re.compile(pattern)
    return lambda source: (line for line in source.splitlines() if found.search(line))


def _imports(*forbidden: str) -> Search:
    """Modules, or names of modules such as `datetime.datetime.now`, however they are imported."""

    def search(source: str) -> Iterator[str]:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            yield from (name for name in names if any(name == x or name.startswith(f"{x}.") for x in forbidden))

    return search


def _clocks(source: str) -> Iterator[str]:
    """A time or a random value from the machine: by import, or as a method of `datetime` and `date`."""
    yield from _imports("time", "random", "secrets", "uuid.uuid1", "uuid.uuid4", "os")(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "uuid1", "uuid4", "urandom"}:
            # A value called `now` is passed in (`ctx.now`); only a call asks the machine.
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in {"datetime", "date", "uuid", "os"}:
                yield ast.unparse(node)


def _statuses(source: str) -> Iterator[str]:
    """Numbers that mean something in HTTP, and its library."""
    for node in ast.walk(ast.parse(source)):
        value = node.value if isinstance(node, ast.Constant) else None
        if type(value) is int and value in _HTTP:
            yield str(value)
    yield from _imports("http")(source)


def _bare_except(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"line {node.lineno}"


def _late_imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (ast.unparse(x) for x in ast.walk(node) if isinstance(x, ast.Import | ast.ImportFrom))


@dataclass(frozen=True)
class _Rule:
    about: str
    search: Search
    breaches: tuple[str, ...]
    folders: tuple[str, ...] = ("app",)
    allowed: frozenset[str] = frozenset()
    """Files, or `file: what is found there`."""


_RULES = (
    _Rule("no ORM relationships", _text(r"\b[rR]elationship\("), ("lines = relationship()", "x = Relationship()")),
    _Rule("no BaseHTTPMiddleware", _text("BaseHTTPMiddleware"), ("class Slow(BaseHTTPMiddleware): ...",)),
    _Rule(
        "httpx only where something is sent",
        _imports("httpx", "requests", "urllib.request", "aiohttp"),
        ("import httpx", "from httpx import AsyncClient", "import urllib.request"),
        allowed=frozenset({"app/warehouse/client.py", "app/outbox/sender.py"}),
    ),
    _Rule(
        "no clock and no random value in the core",
        _clocks,
        (
            "import time",
            "from time import monotonic",
            "import random",
            "from secrets import token_hex",
            "from uuid import uuid4",
            "import datetime\nx = datetime.datetime.now()",
            "from datetime import date\nx = date.today()",
            "import uuid\nx = uuid.uuid4()",
        ),
        folders=("app/core",),
    ),
    _Rule(
        "no HTTP status in core and service",
        _statuses,
        ("status = 409", "from http import HTTPStatus", "return 200"),
        folders=("app/core", "app/service"),
        # The orders of one batch.
        allowed=frozenset({"app/service/importing.py: 500"}),
    ),
    _Rule("no bare except", _bare_except, ("try:\n    x = 1\nexcept:\n    pass",), folders=("app", "tests", "bench")),
    _Rule(
        "no import inside a function",
        _late_imports,
        ("def f():\n    import json", "async def f():\n    from x import y"),
        # Alembic and SQLAlchemy: half a second of every start, for what only a migration needs. What only one command
        # needs: the whole application, a second, and the others start without. FastAPI: a fifth of a start.
        allowed=frozenset(
            {
                "app/store/opening.py",
                "app/web/face.py: from app.web.describing import describe",
                *(shown(path) for path in sources("app/cli")),
            }
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.about)
def test_rule_is_kept(rule: _Rule) -> None:
    found = {
        shown(path): breaches
        for path in sources(*rule.folders)
        if shown(path) not in rule.allowed
        and (breaches := [x for x in rule.search(path.read_text()) if f"{shown(path)}: {x}" not in rule.allowed])
    }
    assert found == {}


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.about)
def test_rule_would_find_a_breach(rule: _Rule) -> None:
    for breach in rule.breaches:
        assert [*rule.search(breach)], breach


def test_rules_leave_the_innocent_alone() -> None:
    innocent = (
        "from datetime import datetime\nat = ctx.now\nlimit = 350\ntry:\n    x = 1\nexcept ValueError:\n    pass\n"
    )
    assert {rule.about: found for rule in _RULES if (found := [*rule.search(innocent)])} == {}


@pytest.mark.parametrize("path", sources("app"), ids=shown)
def test_modules_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    if text.strip():
        about = ast.get_docstring(ast.parse(text))
        assert about, "no docstring"


def test_every_dialect_has_a_row_for_every_refusal() -> None:
    """By name, so that a missing row is found by reading too; the dialects' own tests check the meaning."""
    for table in sorted((APP / "dialects").glob("*/errors.py")):
        missing = [code.name for code in Code if f"Code.{code.name}" not in table.read_text()]
        assert missing == [], shown(table)
