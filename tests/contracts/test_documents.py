"""Every contract document is valid OpenAPI 3.1, and says all that a client's author has to know."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
from schemathesis.specs.openapi import definitions

from app.web.contract import all_problems
from app.web.reply import NDJSON
from app.web.sse import EVENTS
from tests.contracts import documents
from tests.contracts.documents import Document

pytestmark = pytest.mark.parametrize("document", documents.documents(), ids=lambda document: document.name)


def test_it_is_openapi(document: Document) -> None:
    assert document.content["openapi"].startswith("3.1.")
    definitions.OPENAPI_31_VALIDATOR.validate(document.content)


def test_every_schema_is_one(document: Document) -> None:
    for schema in document.content["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    unknown = {key for key in _keywords(document.content) if key in {"ge", "gt", "le", "lt", "max_digits"}}
    assert unknown == set()


def test_every_reference_leads_somewhere(document: Document) -> None:
    for reference in _references(document.content):
        assert document.resolve({"$ref": reference})


def test_it_says_what_and_where_it_is(document: Document) -> None:
    assert document.content["info"]["title"]
    assert len(document.content["info"]["description"]) > 50
    assert [server["url"] for server in document.content["servers"]] == list(document.dialect.prefixes)
    assert document.content["security"] == [{"key": []}]
    assert document.content["components"]["securitySchemes"]["key"]["description"]


def test_operations_are_named_and_described(document: Document) -> None:
    ids = [operation["operationId"] for _, _, operation in document.operations()]
    assert len(ids) == len(set(ids))
    for _, _, operation in document.operations():
        assert operation["summary"]
        assert operation["description"]


def test_parameters_are_described(document: Document) -> None:
    for _, _, operation in document.operations():
        for parameter in map(document.resolve, operation.get("parameters", ())):
            words = parameter.get("description", "")
            assert len(words) > 5, f"{operation['operationId']}: {parameter['name']}"
            assert {"type": "null"} not in parameter["schema"].get("anyOf", ()), "no query can say null"


def test_changes_take_an_idempotency_key(document: Document) -> None:
    for method, _, operation in document.operations():
        names = {document.resolve(parameter)["name"] for parameter in operation.get("parameters", ())}
        replayed = [
            "Idempotency-Replayed" in document.resolve(answer).get("headers", {})
            for status, answer in operation["responses"].items()
            if status.startswith("2")
        ]
        if operation.get("security") == []:
            continue  # what is signed has an id of its own
        assert ("Idempotency-Key" in names) == (method != "get")
        streamed = "application/x-ndjson" in operation["responses"].get("200", {}).get("content", {})
        assert set(replayed) == {method != "get" and not streamed}


def test_every_answer_names_its_request(document: Document) -> None:
    for _, _, operation in document.operations():
        for answer in map(document.resolve, operation["responses"].values()):
            assert document.resolve(answer["headers"]["X-Request-Id"])["required"] is True


def test_waiting_answers_say_where_to_look(document: Document) -> None:
    waiting = [
        operation["responses"]["202"] for _, _, operation in document.operations() if "202" in operation["responses"]
    ]
    assert waiting
    for answer in waiting:
        assert "Location" in answer["headers"]


def test_every_error_is_there_with_an_example_for_each_code(document: Document) -> None:
    shown: dict[str, set[str]] = {}
    for name, answer in document.content["components"]["responses"].items():
        [(_, content)] = answer["content"].items()
        shown[name] = set(content["examples"])
    assert set().union(*shown.values()) == {problem.code.value for problem in all_problems()}
    used = {
        answer["$ref"].rpartition("/")[2]
        for _, _, operation in document.operations()
        for answer in operation["responses"].values()
        if "$ref" in answer
    }
    assert used == set(shown)


def test_streams_are_lines_both_ways(document: Document) -> None:
    streams = [
        operation
        for _, _, operation in document.operations()
        if NDJSON in operation["responses"].get("200", {}).get("content", {})
    ]
    assert bool(streams) == (document.name == "native")
    for operation in streams:
        assert [*operation["requestBody"]["content"]] == [NDJSON]
        assert operation["requestBody"]["content"][NDJSON]["schema"]["contentSchema"]


def test_examples_are_there_and_valid(document: Document) -> None:
    """What a client's author copies must be right: every request body and every good answer that has a body."""
    for _, _, operation in document.operations():
        if "requestBody" in operation:
            _check_example(document, f"{operation['operationId']} request", operation["requestBody"])
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                _check_example(document, f"{operation['operationId']} {status}", answer)


def test_examples_of_errors_are_valid(document: Document) -> None:
    for name, answer in document.content["components"]["responses"].items():
        [(_, content)] = answer["content"].items()
        for code, example in content["examples"].items():
            _check(document, f"{name} {code}", example["value"], content["schema"])


def _check_example(document: Document, where: str, held: Mapping[str, Any]) -> None:
    [(media_type, content)] = held["content"].items()
    assert "example" in content, f"{where}: no example"
    if media_type == EVENTS:
        data = content["schema"]["properties"]["data"]
        _check(document, where, documents.parse(content["example"]["data"]), data["contentSchema"])
    if media_type != NDJSON:
        _check(document, where, content["example"], content["schema"])
        return
    lines = content["example"].splitlines()
    assert lines
    for line in lines:
        _check(document, where, documents.parse(line), content["schema"]["contentSchema"])


def _check(document: Document, where: str, value: Any, schema: Mapping[str, Any]) -> None:
    whole = {**schema, "components": document.content["components"]}
    found = [*jsonschema.Draft202012Validator(whole).iter_errors(value)]
    assert not found, f"{where}: {found[0].json_path}: {found[0].message}"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _keywords(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in {"properties", "examples", "example"}:
                yield name
            yield from _keywords(value)
    elif isinstance(node, list):
        for value in node:
            yield from _keywords(value)
