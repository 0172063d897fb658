"""Plain fields take a short way; what comes of it is what graphql-core gives, also where a value is wrong."""

from typing import Any

import pytest
from graphql import ExecutionResult, build_schema, execute_sync, parse
from graphql.execution import Executor

from app.web.graphql_execution import Execution, is_coroutine, plain_fields

SCHEMA = build_schema("""
    enum State { ON OFF }
    type Thing { id: ID! state: State count: Int ratio: Float! names: [String!] other: Thing }
    type Query { thing: Thing }
""")
DOCUMENT = parse("{ thing { id a: id state count ratio names other { id count __typename } } }")
GOOD = {"id": 7, "state": "ON", "count": 3, "ratio": 1, "names": ["x"], "other": {"id": "o", "count": None}}


class Object:
    id = "attribute"
    ratio = 2.5


def _answer(kind: type[Executor[None]], thing: Any) -> ExecutionResult:
    built = kind.build(SCHEMA, DOCUMENT, root_value={"thing": thing}, is_awaitable=is_coroutine)
    assert isinstance(built, kind)
    if isinstance(built, Execution):
        built.plain = plain_fields(SCHEMA)
    result = built.execute_operation()
    assert isinstance(result, ExecutionResult)
    return result


@pytest.mark.parametrize(
    "thing",
    [
        GOOD,
        {**GOOD, "id": None},
        {**GOOD, "state": "BROKEN"},
        {**GOOD, "count": "many"},
        {**GOOD, "count": 1 << 40, "state": None},
        {**GOOD, "ratio": None},
        {**GOOD, "id": lambda _: "called"},
        {**GOOD, "other": {"count": 4}},
        {"id": "1"},
        {},
        Object(),
        None,
    ],
)
def test_as_without_the_short_way(thing: Any) -> None:
    ours, theirs = _answer(Execution, thing), _answer(Executor, thing)
    assert ours.data == theirs.data
    assert [error.formatted for error in ours.errors or ()] == [error.formatted for error in theirs.errors or ()]


def test_which_fields_are_plain() -> None:
    assert {name: sorted(fields) for name, fields in plain_fields(SCHEMA).items() if not name.startswith("__")} == {
        "Thing": ["count", "id", "ratio", "state"]
    }
    assert execute_sync(SCHEMA, DOCUMENT, {"thing": GOOD}).data == _answer(Execution, GOOD).data
