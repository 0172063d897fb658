"""What has a plan takes a short way; what comes of it is what graphql-core gives, also where a value is wrong."""

import asyncio
from collections import OrderedDict
from types import MappingProxyType
from typing import Any, cast

import pytest
from graphql import (
    ExecutionResult,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse,
)
from graphql.execution import Executor, default_field_resolver, default_type_resolver
from graphql.execution.values import get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from app.dialects.afosto import face as afosto
from app.dialects.happycolis import face as happycolis
from app.web.graphql_documents import Documents, fragments_of
from app.web.graphql_execution import Execution, is_coroutine
from app.web.graphql_limits import Limits
from app.web.graphql_plan import Plan, plan
from app.web.graphql_variables import Unusual, Variables

SCHEMA = build_schema("""
    enum State { ON OFF }
    input Pair { id: ID! state: State count: Int ratio: Float = 1.5 }
    input Given { name: String! flag: Boolean pairs: [Pair!]! texts: [String] }
    input Chain { next: Chain }
    input OneOf @oneOf { a: String b: String }
    input Renamed { a: String }
    input Made { a: String }
    type Sure { id: ID! }
    type Thing { id: ID! state: State count: Int ratio: Float! on: Boolean names: [String!] maybe: [Int] other: Thing
                 others: [Thing!] text(short: Boolean): String again: Query }
    type Query { thing(given: Given): Thing things: [Thing]! chain(by: Chain): String name: String! sure: Sure
                 one(by: OneOf): String renamed(by: Renamed): String made(by: Made): String }
    type Mutation { change: String }
    type Subscription { name: String }
""")
cast(GraphQLObjectType, SCHEMA.type_map["Sure"]).is_type_of = lambda value, info: False
cast(GraphQLInputObjectType, SCHEMA.type_map["Renamed"]).fields["a"].out_name = "b"
cast(GraphQLInputObjectType, SCHEMA.type_map["Made"]).out_type = tuple  # type: ignore[method-assign, assignment]
THING = """
    query ($given: Given, $n: Int, $id: ID!) { thing(given: $given) { ...F a: id on
      other { id count __typename } other { ...F } others { id kind: __typename } } }
    fragment F on Thing { id state count ratio names ... on Thing { maybe } }
"""
GOOD = {
    "id": 7, "state": "ON", "count": 3, "ratio": 1, "on": True, "names": ["x"], "maybe": (1, None),
    "other": {"id": "o", "count": None, "ratio": 2.0}, "others": [],
}  # fmt: skip


class OursError(Exception):
    """A text, to what knows no better."""


class Object:
    id = "attribute"
    ratio = 2.5
    count = property(lambda self: 1 // 0)


def _operation(document: str) -> tuple[Any, OperationDefinitionNode]:
    parsed = parse(document)
    operation = parsed.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return parsed, operation


def _plan(document: str, schema: GraphQLSchema = SCHEMA) -> Plan | None:
    parsed, operation = _operation(document)
    return plan(schema, fragments_of(parsed), operation)


async def _soon(value: Any) -> Any:
    return value


def _answers(document: str, value: Any) -> tuple[ExecutionResult, ExecutionResult]:
    """Ours and graphql-core's, of a resolver at the root that is a coroutine, as all of ours are."""
    parsed, operation = _operation(document)
    root = {name: lambda *_, **given: _soon(value) for name in ("thing", "things", "name")}
    planned = plan(SCHEMA, fragments_of(parsed), operation)
    assert planned is not None
    assert planned.shows
    variables = planned.variables.read({"id": ""})
    assert variables is not None
    execution = Execution(
        SCHEMA, planned.fragment_definitions, planned.fragments, root, None, operation, variables,
        default_field_resolver, default_type_resolver, default_field_resolver, is_awaitable=is_coroutine,
    )  # fmt: skip
    execution.plan = planned
    theirs = Executor.build(SCHEMA, parsed, root_value=root, raw_variable_values={"id": ""})
    assert isinstance(theirs, Executor)

    async def run() -> tuple[Any, Any]:
        result: Any = theirs.execute_operation()
        return await execution.run(), await result if is_coroutine(result) else result

    return asyncio.run(run())


def _same(document: str, value: Any) -> None:
    ours, theirs = _answers(document, value)
    assert repr(ours.data) == repr(theirs.data)  # in the same order, an integer no float
    assert [error.formatted for error in ours.errors or ()] == [error.formatted for error in theirs.errors or ()]


@pytest.mark.parametrize(
    "thing",
    [
        GOOD,
        {**GOOD, "id": None},
        {**GOOD, "state": "BROKEN"},
        {**GOOD, "count": "many"},
        {**GOOD, "count": 1 << 40, "state": None},
        {**GOOD, "ratio": None},
        {**GOOD, "names": [None]},
        {**GOOD, "names": "xy"},
        {**GOOD, "names": {"a": 1}},
        {**GOOD, "id": lambda *_: "called"},
        {**GOOD, "state": ValueError("broken")},
        {**GOOD, "other": {"count": 4}},
        {**GOOD, "others": [GOOD, {**GOOD, "id": object()}]},
        {"id": "1"},
        {},
        Object(),
        ValueError("all of it"),
        OursError("of a kind of our own"),
        {**GOOD, "id": OursError("one"), "names": [OursError("two")]},
        OrderedDict(GOOD),
        MappingProxyType(GOOD),
        {**GOOD, "other": MappingProxyType(GOOD), "others": [OrderedDict(GOOD)]},
        {**GOOD, "id": Undefined, "names": [Undefined], "other": Undefined},
        Undefined,
        "text",
        None,
    ],
)
def test_as_without_a_plan(thing: Any) -> None:
    _same(THING, thing)
    _same("{ b: thing { id } a: thing { count } }", thing)
    _same("{ things { id names } }", [thing, None])
    _same("{ things { id names } }", thing)
    _same("{ name }", thing)
    _same("{ things { id names } }", [GOOD, ValueError("one")])


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["ON", "OFF"])
_NAMES = ("id", "state", "count", "ratio", "on", "names", "maybe", "other", "others", "flag", "name", "pairs", "texts")
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5)
        | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5).map(MappingProxyType)
    ),
    max_leaves=20,
)
_THINGS = st.fixed_dictionaries({"id": st.text(max_size=3), "ratio": st.integers(0, 9)}, optional={
    "state": _LEAVES, "count": _LEAVES, "names": st.lists(st.text(max_size=2) | _LEAVES, max_size=3),
    "maybe": st.lists(_LEAVES, max_size=3), "other": _VALUES, "others": st.lists(_VALUES, max_size=2),
})  # fmt: skip


@given(_VALUES | _THINGS | st.lists(_THINGS, max_size=3))
def test_any_value_as_without_a_plan(value: Any) -> None:
    _same(THING, value)
    _same("{ things { id other { names } } }", value)


_PAIRS = st.fixed_dictionaries({"id": st.text(max_size=2)}, optional={"count": _LEAVES, "state": _LEAVES})
_GIVEN = st.fixed_dictionaries(
    {"name": st.text(max_size=2) | _LEAVES, "pairs": st.lists(_PAIRS, max_size=2) | _VALUES},
    optional={"flag": _LEAVES, "texts": st.lists(_LEAVES, max_size=2) | _LEAVES, "more": _LEAVES},
)


@given(st.dictionaries(st.sampled_from(["given", "n", "id", "other"]), _VALUES | _GIVEN))
def test_variables_are_read_as_without_a_plan(variables: dict[str, Any]) -> None:
    """Or not at all."""
    _, operation = _operation(THING)
    ours = Variables(SCHEMA, operation.variable_definitions or ()).read(variables)
    if ours is not None:
        assert repr(ours) == repr(get_variable_values(SCHEMA, operation.variable_definitions or (), variables))


def test_usual_variables_are_read() -> None:
    document = "query ($given: Given!, $ids: [ID!]) { thing(given: $given) { id } chain }"
    _, operation = _operation(document)
    variables = Variables(SCHEMA, operation.variable_definitions or ())
    pair = {"id": "1", "state": "ON", "count": 3, "ratio": 0.5}
    usual = {"given": {"name": "n", "pairs": [pair], "texts": None}, "ids": ["a", "b"]}
    read = variables.read(usual)
    assert read is not None
    assert read.coerced == usual
    assert variables.read({"given": {"name": "n", "pairs": []}}) is not None
    for unusual in (
        {},
        {"given": None},
        {"given": {"name": "n"}},
        {"given": {"name": "n", "pairs": [{"id": "1"}]}},
        {"given": {"name": "n", "pairs": [], "more": 1}},
    ):
        assert variables.read(unusual) is None


@pytest.mark.parametrize(
    "document",
    [
        "query ($by: Chain) { chain(by: $by) }",
        "query ($by: OneOf) { one(by: $by) }",
        "query ($by: Renamed) { renamed(by: $by) }",
        "query ($by: Made) { made(by: $by) }",
        "subscription { name }",
    ],
)
def test_what_has_no_plan(document: str) -> None:
    assert _plan(document) is None


def test_which_documents_have_a_plan() -> None:
    documents = Documents(SCHEMA, Limits())
    assert documents.prepare("{ name }").choose(None).plan is not None
    assert documents.prepare("{ name @skip(if: false) }").choose(None).plan is None
    assert documents.prepare("query A { name } query B { name }").choose("B").plan is None


def test_only_fields_that_change_wait_for_each_other() -> None:
    planned = [_plan("{ name }"), _plan("mutation { change }")]
    assert [each.serially for each in planned if each is not None] == [False, True]


def test_which_fields_have_a_short_way() -> None:
    planned = _plan(
        "{ a: thing { id } b: thing { text } c: thing { t: text id } things { other { names } } __typename }"
    )
    assert planned is not None
    assert sorted(planned.shows) == ["__typename", "a", "things"]
    with pytest.raises(Unusual):
        Variables(SCHEMA, _operation("query ($by: Chain!) { chain(by: $by) }")[1].variable_definitions or ())


@pytest.mark.parametrize("schema", [afosto.executable(), happycolis.executable()], ids=["afosto", "happycolis"])
def test_all_of_the_dialects_has_one(schema: GraphQLSchema) -> None:
    """A field with a resolver of its own would take it from all that it stands in."""
    for root, word in ((schema.query_type, "query"), (schema.mutation_type, "mutation")):
        assert root is not None
        for name, field in root.fields.items():
            document = f"{word} {{ {name} {_all_of(get_named_type(field.type), ())} }}"
            planned = _plan(document, schema)
            assert planned is not None
            assert list(planned.shows) == [name], document


def _all_of(type_: Any, within: tuple[str, ...]) -> str:
    if is_leaf_type(type_):
        return ""
    fields = [
        f"{name} {_all_of(get_named_type(field.type), (*within, type_.name))}"
        for name, field in type_.fields.items()
        if get_named_type(field.type).name not in {*within, type_.name}
    ]
    return f"{{ __typename {' '.join(fields)} }}"
