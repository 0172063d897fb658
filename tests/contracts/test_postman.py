"""The collection for Postman and Bruno: every operation is in it, and each request is one that a server understands."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from app import postman
from app.web.dialect import Dialect, discover
from tests.contracts import documents
from tests.dialects.server import Server, Wire
from tests.dialects.tenants import Tenant

_COLLECTION = json.loads(postman.collection())
_NOT_UNDERSTOOD = {400, 405, 413, 415, 500}
_VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def _items(dialect: Dialect) -> list[Any]:
    [folder] = [folder for folder in _COLLECTION["item"] if folder["name"] == dialect.name]
    return list(folder["item"])


every_dialect = pytest.mark.parametrize("dialect", discover(), ids=lambda dialect: dialect.name)


@every_dialect
def test_every_operation_is_in_it(dialect: Dialect) -> None:
    found = {(item["request"]["method"], "/" + "/".join(item["request"]["url"]["path"])) for item in _items(dialect)}
    if dialect.name in documents.names():
        document = documents.of(dialect.name)
        paths = [(method.upper(), document.prefix + path) for method, path, _ in document.operations()]
        named = [(method, re.sub(r"/\{(\w+)\}(?=/|$)", r"/:\1", path)) for method, path in paths]
        assert found == {(method, re.sub(r"\{(\w+)\}", r"{{\1}}", path)) for method, path in named}
        return
    schema = build_schema(next(iter(dialect.contract().values())))
    roots = [root for root in (schema.query_type, schema.mutation_type) if root is not None]
    assert [item["name"] for item in _items(dialect)] == [name for root in roots for name in root.fields]
    for item in _items(dialect):
        assert validate(schema, parse(item["request"]["body"]["graphql"]["query"])) == []


@every_dialect
def test_a_server_understands_them(dialect: Dialect, sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    order = tenant.create(keys={dialect.name: "66ab"})["id"]
    given = {
        "key": tenant.key,
        "buyer_key": tenant.add_key(party="buyer"),
        "order_id": order,
        "orderId": order,
        "id": order,
        "kind": "cancel",
        "language": "en",
    }
    for item in _items(dialect):
        wire = _wire(item["request"], given)
        answer = sqlite_server.send(wire)
        assert answer.status_code not in _NOT_UNDERSTOOD, f"{item['name']}: {answer.text}"
        assert "_VALIDATION_FAILED" not in answer.text, f"{item['name']}: {answer.text}"
        if wire.method == "GET" and "none" not in wire.path:
            assert answer.status_code == 200, f"{item['name']}: {answer.text}"


def _wire(request: Any, given: Mapping[str, str]) -> Wire:
    """As Postman sends it, whatever is switched off left out."""
    variables = {each["key"]: each["value"] for each in request["url"].get("variable", ())}
    parts = [
        variables.get(part.removeprefix(":"), part) if part.startswith(":") else part for part in request["url"]["path"]
    ]
    body = request.get("body")
    headers = {each["key"]: _filled(each["value"], given) for each in request["header"] if not each.get("disabled")}
    return Wire(request["method"], _filled("/" + "/".join(parts), given), None, _raw(body), headers)


def _raw(body: Any) -> bytes | None:
    if body is None or body["mode"] == "raw":
        return None if body is None else str(body["raw"]).encode()
    asked = body["graphql"]
    return json.dumps({"query": asked["query"], "variables": json.loads(asked["variables"])}).encode()


def _filled(text: str, given: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: given.get(found[1], "none"), text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for held in value.values() if isinstance(value, dict) else value:
            yield from _texts(held)
    elif isinstance(value, str):
        yield value


def test_every_variable_is_declared() -> None:
    declared = {each["key"] for each in _COLLECTION["variable"]}
    used = {name for text in _texts(_COLLECTION["item"]) for name in _VARIABLE.findall(text)}
    assert used == declared


def test_a_key_of_one_party_is_a_variable_of_its_own() -> None:
    described = {each["key"]: each.get("description", "") for each in _COLLECTION["variable"]}
    assert described["buyer_key"] == "An API key of the party buyer: `dragoman key add --party buyer`."
    keys = {
        item["request"]["url"]["raw"].split("/")[2] == "buyer": item["request"]["header"][0]["value"]
        for dialect in discover()
        if dialect.name == "convictional"
        for item in _items(dialect)
    }
    assert keys == {True: "{{buyer_key}}", False: "{{key}}"}
