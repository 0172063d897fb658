"""`python -m tests.dialects.reference` writes docs/reference/: every operation, a request of the tests and its answer.
No test and no fixture is here."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    build_schema,
    parse,
    print_ast,
)

from app.store import migrate
from app.web.dialect import Dialect, discover
from app.web.paths import Paths
from app.web.reply import JSON, NDJSON
from app.web.sse import EVENTS
from tests.contracts import documents
from tests.dialects import folders
from tests.dialects.cases import Case, Run, cases
from tests.dialects.layout import laid_out, steady
from tests.dialects.server import Server, Wire, authorization, serve
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

FOLDER = ROOT / "docs/reference"
_TITLES = {"happycolis": "HappyColis", "shopline_admin": "SHOPLINE Admin"}
_INTRO = """\
# {title}: every operation

Written by `python -m tests.dialects.reference`, which sends requests of the wire tests to a running server; a test does the same and compares. Not to be edited by hand. Ids, times and secrets are replaced by made-up ones. [{title}](../{page}) says what it all means.
"""  # noqa: E501 - a paragraph of Markdown is a line


@dataclass(frozen=True)
class Entry:
    """An operation: how it is headed, what is said of it, what the contract shows (request, status, answer)."""

    name: str
    heading: str
    about: str
    shown: tuple[Any, int, Any] | None = None


@dataclass(frozen=True)
class Exchange:
    wire: Wire
    answer: httpx.Response


Key = tuple[str, str, bool]
"""Dialect, operation, and whether it succeeded."""


def entries(dialect: Dialect) -> Sequence[Entry]:
    """Those of the contract; Shopline's second, short names of the same things are left out."""
    if dialect.name in documents.names():
        document = documents.of(dialect.name)
        return [
            Entry(op["operationId"], f"{method.upper()} {path}", _about(op), _shown(op))
            for method, path, op in document.operations()
            if not op["operationId"].endswith("_short")
        ]
    return [
        Entry(name, f"{kind} {name}", f"{(field.description or '').strip()}\n\n{_signature(name, field)}".strip())
        for kind, type_ in _roots(dialect)
        for name, field in type_.fields.items()
    ]


def _about(operation: Mapping[str, Any]) -> str:
    return str(operation.get("description") or operation.get("summary") or "")


def _shown(operation: Mapping[str, Any]) -> tuple[Any, int, Any] | None:
    status = next(status for status in operation["responses"] if status.startswith("2"))
    answer = _example(operation["responses"][status])
    return None if answer is None else (_example(operation.get("requestBody", {})), int(status), answer)


def _example(held: Mapping[str, Any]) -> Any:
    return next((content["example"] for content in held.get("content", {}).values() if "example" in content), None)


def _roots(dialect: Dialect) -> Iterator[tuple[str, GraphQLObjectType]]:
    [text] = [text for path, text in dialect.contract().items() if path.endswith(".graphql")]
    schema = build_schema(text)
    for kind in ("query", "mutation", "subscription"):
        if (type_ := getattr(schema, f"{kind}_type")) is not None:
            yield kind, type_


def _signature(name: str, field: GraphQLField) -> str:
    arguments = ", ".join(f"{argument}: {held.type}" for argument, held in field.args.items())
    return f"```graphql\n{name}{f'({arguments})' if arguments else ''}: {field.type}\n```"


def operation_of(method: str, path: str, body: Any) -> tuple[str, str] | None:
    """Dialect and operation of a request; None if it is for none, or a document asks for several things."""
    for dialect in discover():
        for prefix in dialect.prefixes:
            if path.startswith(f"{prefix}/"):
                below = path.removeprefix(prefix).partition("?")[0]
                name = _field(body) if below == "/graphql" else _paths(dialect.name).find(method, below.split("/"))[0]
                return None if name is None else (dialect.name, name.removesuffix("_short"))
    return None


def _field(body: Any) -> str | None:
    """The one root field of a document."""
    try:
        parts = [part for part in parse(body["query"]).definitions if isinstance(part, OperationDefinitionNode)]
    except (GraphQLError, KeyError, TypeError):  # not every case sends a document
        return None
    selected = [field for part in parts for field in part.selection_set.selections]
    fields = [field.name.value for field in selected if isinstance(field, FieldNode)]
    return fields[0] if len(fields) == 1 else None


@cache
def _paths(dialect: str) -> Paths[str]:
    paths: Paths[str] = Paths()
    for method, path, operation in documents.of(dialect).operations() if dialect in documents.names() else ():
        paths.add(method.upper(), path, operation["operationId"])
    return paths


def _planned() -> Mapping[Key, tuple[Case, int]]:
    """Which case shows what, by its how manieth request: the first of those that show most of it."""
    found: dict[Key, tuple[int, Case, int]] = {}
    for _, _, case in cases():
        for n, (rank, request, good) in enumerate(_requests(case)):
            operation = operation_of(request["method"], request["path"], request.get("body"))
            if operation is not None and ((*operation, good) not in found or rank > found[*operation, good][0]):
                found[*operation, good] = rank, case, n
    return {key: (case, n) for key, (_, case, n) in found.items()}


def _requests(case: Case) -> Iterator[tuple[int, Mapping[str, Any], bool]]:
    """As a run of it sends them: how well it shows its operation, the request, and whether it is to succeed.

    Best is what the case is about, with an answer that has something in it.
    """
    for step in case.get("given", ()):
        method, _, path = step["do"].partition(" ")
        yield 0, {**step, "method": method, "path": path}, True
    for own, request in ((True, case["request"]), *((False, later) for later in case.get("then", ()))):
        expect = case["expect"] if own else request["expect"]
        body = expect.get("body")
        good = expect["status"] < 400 and not (isinstance(body, dict) and "errors" in body)
        filled = any(body.values()) if isinstance(body, dict) else bool(body)
        yield (1 + filled if own and "caller" not in request else 0), request, good


def exchanges(server: Server) -> Mapping[Key, Exchange]:
    planned = _planned()
    found: dict[Key, Exchange] = {}
    for case in {id(case): case for case, _ in planned.values()}.values():
        run = Run(Tenant.add(server))
        for step in case.get("given", ()):
            run.given(step)
        run.check(case["request"], case["expect"], subset=False)
        for request in case.get("then", ()):
            run.check(request, request["expect"], subset=True)
        found |= {key: Exchange(*run.seen[n]) for key, (shown, n) in planned.items() if shown is case}
    return found


def page(dialect: Dialect, found: Mapping[Key, Exchange]) -> str:
    title = _TITLES.get(dialect.name, dialect.name.replace("_", " ").title())
    parts = [_INTRO.format(title=title, page=Path(folders.page(dialect.name)).name)]
    for entry in entries(dialect):
        about = f"\n{entry.about}\n" if entry.about else ""
        parts.append(f"\n## `{entry.heading}`\n{about}")
        good, refused = (found.get((dialect.name, entry.name, each)) for each in (True, False))
        if good is not None:
            parts.append(_exchange(good))
        elif entry.shown is not None:
            parts.append(_of_contract(dialect, entry))
        if refused is not None:
            parts.append(f"\nRefused:\n{_exchange(refused)}")
    return "".join(parts)


def _of_contract(dialect: Dialect, entry: Entry) -> str:
    """For what the wire tests do in other ways: lines of JSON, deliveries, streams."""
    assert entry.shown is not None
    body, status, answer = entry.shown
    head = f"{entry.heading.replace(' ', f' {dialect.prefixes[0]}', 1)} HTTP/1.1"
    request = head if body is None else f"{head}\nContent-Type: {_kind(body)}{_body(body)}"
    answered = f"\nContent-Type: {_kind(answer)}{_body(answer)}"
    return f"\nAs the contract shows it:\n{_blocks(request, status, answered)}"


def _kind(example: Any) -> str:
    """Lines of JSON, and events, are shown as texts."""
    if not isinstance(example, str):
        return JSON
    return EVENTS if example.startswith(("id:", "event:", "data:", ":")) else NDJSON


def _exchange(exchange: Exchange) -> str:
    wire, answer = exchange.wire, exchange.answer
    typed = {"Content-Type": "application/json"} if wire.body is not None else {}
    headers = {**authorization(wire.path, "<key>"), **typed, **wire.headers}
    lines = [f"{wire.method} {wire.path} HTTP/1.1", *(f"{name}: {value!s}" for name, value in headers.items())]
    body = wire.body
    if isinstance(body, dict) and "query" in body:
        return _graphql(exchange)
    sent = _body(body) if body is not None else f"\n\n{wire.raw.decode(errors='replace')}" if wire.raw else ""
    return _blocks("\n".join(lines) + sent, answer.status_code, _answered(answer))


def _graphql(exchange: Exchange) -> str:
    body = exchange.wire.body
    document = print_ast(parse(body["query"])).strip()
    variables = body.get("variables")
    sent = f"\n```graphql\n{document}\n```\n"
    if variables:
        sent += f"\n```json\n{laid_out(variables)}\n```\n"
    return steady(sent + f"\n```json\n{laid_out(exchange.answer.json())}\n```\n")


def _answered(answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "")
    return f"\nContent-Type: {kind}" + (_body(answer.json()) if "json" in kind else f"\n\n{answer.text}")


def _body(value: Any) -> str:
    return f"\n\n{value if isinstance(value, str) else laid_out(value)}".rstrip()


def _blocks(request: str, status: int, answer: str) -> str:
    return steady(f"\n```http\n{request}\n```\n\n```http\nHTTP/1.1 {status} {HTTPStatus(status).phrase}{answer}\n```\n")


def pages(server: Server) -> Mapping[Path, str]:
    found = exchanges(server)
    return {FOLDER / f"{dialect.name}.md": page(dialect, found) for dialect in discover()}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/reference.db"
        migrate(url)
        with serve(url) as server:
            for path, text in pages(server).items():
                path.write_text(text)


if __name__ == "__main__":
    main()
