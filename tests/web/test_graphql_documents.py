"""Documents: prepared once, kept within bounds, refused when they ask for too much."""

from typing import Any

import graphql
import pytest
from graphql import build_schema, get_introspection_query

from app.web import graphql_documents
from app.web.graphql_documents import Documents, Unfit
from app.web.graphql_engine import Engine
from app.web.graphql_execution import Execution
from app.web.graphql_limits import Limits
from tests.web.server import SMALL, Client
from tests.web.toy import EXACT, Words

SCHEMA = build_schema("type Query { a(x: String): Query, b: String } type Mutation { c: String }")


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is parsed."""
    texts: list[str] = []

    def counting(text: str, **limits: Any) -> Any:
        texts.append(text)
        return graphql.parse(text, **limits)

    monkeypatch.setattr(graphql_documents, "parse", counting)
    return texts


def test_a_document_is_parsed_and_validated_once(parsed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents(SCHEMA, Limits())
    first = documents.prepare("{ b }")
    monkeypatch.setattr(graphql_documents, "validate", None)
    assert all(documents.prepare("{ b }") is first for _ in range(3))
    assert parsed == ["{ b }"]


def test_the_least_recently_used_goes_first(parsed: list[str]) -> None:
    documents = Documents(SCHEMA, Limits(documents=2))
    for text in ("{ b }", "{ x: b }", "{ b }", "{ y: b }", "{ b }"):
        documents.prepare(text)
    assert parsed == ["{ b }", "{ x: b }", "{ y: b }"]
    documents.prepare("{ x: b }")
    assert len(parsed) == 4


def test_long_documents_take_the_place_of_many(parsed: list[str]) -> None:
    documents = Documents(SCHEMA, Limits(document_characters=100))
    long, longest = "{ b }" + " " * 60, "{ b }" + " " * 200
    for text in ("{ b }", long, "{ b }", long, longest, "{ b }", long):
        documents.prepare(text)
    assert parsed == ["{ b }", long, longest, "{ b }", long]


def test_bad_documents_are_not_kept(parsed: list[str]) -> None:
    documents = Documents(SCHEMA, Limits(documents=1))
    documents.prepare("{ b }")
    for text in ("{", "{ nothing }"):
        with pytest.raises(Unfit):
            documents.prepare(text)
    documents.prepare("{ b }")
    assert parsed == ["{ b }", "{", "{ nothing }"]


def _nested(levels: int) -> str:
    return "{ a " * (levels - 1) + "{ b }" + " }" * (levels - 1)


def _doubling(levels: int, leaf: str) -> str:
    """Written out, the last fragment has two to the power of `levels` fields."""
    halves = "".join(
        f"fragment F{n} on Query {{ a {{ ...F{n - 1} }} c: a {{ ...F{n - 1} }} }} " for n in range(1, levels)
    )
    return f"{{ ...F{levels - 1} }} fragment F0 on Query {{ {leaf} }} {halves}"


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (_nested(SMALL.depth + 1), "5 levels, of at most 4"),
        ("{ a { ...F } } fragment F on Query { a { a { a { b } } } }", "5 levels, of at most 4"),
        ("{ b c: b d: b e: b }", "4 fields at its root, of at most 3"),
        (
            "{ ...F ...G } fragment F on Query { b c: b } fragment G on Query { ... { d: b e: b } }",
            "4 fields at its root",
        ),
        ("{ a { c: b d: b e: b } }", "3 aliases, of at most 2"),
        ("{ a { " + "b " * 20 + "} }", "21 fields, of at most 20"),
        (_doubling(5, "b"), "fields, of at most 20"),
        ("{ __schema { types { fields { type { ofType { ofType { name } } } } } } }", "7 levels of introspection"),
        ("{ " + "b " * 100 + "}", "more than 100 tokens"),
        ("#\n" * 101 + "{ b }", "comments"),
    ],
)
def test_a_document_that_asks_for_too_much(document: str, told: str) -> None:
    with pytest.raises(Unfit) as unfit:
        Documents(SCHEMA, SMALL).prepare(document)
    assert any(told in error.message for error in unfit.value.errors), [e.message for e in unfit.value.errors]


def test_a_document_at_every_limit() -> None:
    documents = Documents(SCHEMA, SMALL)
    documents.prepare(_nested(SMALL.depth))
    documents.prepare("{ b c: b d: b }")
    documents.prepare("{ a { " + "b " * 19 + "} }")
    documents.prepare("{ __schema { types { fields { type { ofType { name } } } } } }")


def test_fragments_that_hold_nothing_cost_nothing() -> None:
    """Empty selections are allowed; written out, there would be more of these than there is time for."""
    nested = "".join(f"fragment F{n} on Query {{ ...F{n - 1} ...F{n - 1} }} " for n in range(1, 60))
    prepared = Documents(SCHEMA, Limits()).prepare(f"{{ ...F59 }} fragment F0 on Query {{ }} {nested}")
    assert prepared.choose(None).label == "several"


def test_every_tool_may_introspect_within_the_defaults() -> None:
    documents = Documents(SCHEMA, Limits())
    documents.prepare(
        get_introspection_query(
            descriptions=True,
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
        )
    )


def test_operations_are_limited_one_by_one() -> None:
    documents = Documents(SCHEMA, SMALL)
    documents.prepare("query A { b c: b d: b } query B { b c: b d: b }")
    with pytest.raises(Unfit):
        documents.prepare("query A { b c: b d: b } query B { b c: b d: b e: b }")


def test_a_subscription_remembers_nothing_of_its_events() -> None:
    schema = build_schema("type Query { n: N } type Subscription { n: N } type N { is: Int }")
    document = graphql.parse("subscription { n { is } }")
    execution = Execution.build(schema, document)
    assert isinstance(execution, Execution)
    for n in range(3):
        event = execution.build_per_event_executor({"n": {"is": n}})
        assert event.execute_operation(serially=False) == graphql.ExecutionResult({"n": {"is": n}}, None)
    assert execution._relevant_sub_fields == {}


def test_a_coroutine_below_the_root_stops_the_start() -> None:
    async def wait(*_: Any) -> None: ...

    schema = build_schema("type Query { n: N } type Mutation { n: N } type N { is: Int }")
    for kind in ("Query", "Mutation"):
        schema.type_map[kind].fields["n"].resolve = wait  # type: ignore[attr-defined]
    Engine(schema, Words(EXACT), Limits())
    schema.type_map["N"].fields["is"].resolve = wait  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"the resolver of N\.is is not a plain function"):
        Engine(schema, Words(EXACT), Limits())


def test_over_the_wire(client: Client) -> None:
    for document in (_nested(5).replace("a", "order(id: 1)"), "{ hello b: hello c: hello d: hello }"):
        for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
            answer = client.post(document, path="/small/graphql", Accept=accept)
            assert answer.status_code == status
            assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    answer = client.post("{ " + "hello " * 100 + "}", path="/small/graphql")
    assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize(
    "document",
    ["{" * 100_000, "{ hello" + "{ hello" * 1_000, '{ hello(name: "\\u0000") }', '{ hello(name: "\\uD800") }', "\0"],
)
def test_a_document_of_nonsense(client: Client, document: str) -> None:
    answer = client.post(document)
    assert answer.status_code == (200 if document != "\0" else 400)
    if document != "\0":
        assert answer.json()["errors"][0]["extensions"] == {"code": "GRAPHQL_PARSE_FAILED"}


def test_without_introspection(client: Client) -> None:
    for document in ("{ __schema { types { name } } }", '{ __type(name: "Order") { name } }', "{ helo }"):
        shown = client.post(document).json()
        hidden = client.post(document, path="/closed/graphql").json()
        assert hidden.keys() == {"errors"}
        assert hidden["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
        assert "Did you mean" not in hidden["errors"][0]["message"]
        assert "data" in shown or "Did you mean" in shown["errors"][0]["message"]
    assert client.post("{ __typename }", path="/closed/graphql").json() == {"data": {"__typename": "Query"}}
    for path, told in (("/toy/graphql", True), ("/closed/graphql", False)):
        answer = client.post("query ($m: Mood!) { feels(mood: $m) }", {"m": "GLADD"}, path)
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
        assert ("Did you mean" in answer.text) is told
