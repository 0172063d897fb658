"""Small requests that would cost much: GraphQL documents on both real schemas, and bodies on every face.

Each is refused, or answered, in a bounded time in the face's own shape, changes nothing, and leaves the server as it
was. What a document costs is measured on the process' own clock, so that a busy machine fails nothing.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from graphql import build_schema, get_introspection_query

from app.web.dialect import discover
from app.web.faults import FaultCode
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.operations.reading import contract_of

_NAMES = [dialect.name for dialect in discover()]
_SCHEMAS = [dialect.name for dialect in discover() if any(path.endswith(".graphql") for path in dialect.contract())]
_SECONDS = 5.0  # within which each must be answered; alone, the dearest takes a tenth of that
_LARGEST = 200_000  # bytes of an answer that shows nothing but errors


def _introspection(times: int) -> str:
    body = get_introspection_query(descriptions=True).partition("{")[2].partition("fragment")
    return "{" + body[0].strip().removesuffix("}") * times + "} fragment" + body[2]


def _doubling(levels: int) -> str:
    halves = " ".join(f"fragment F{n} on Query {{ ...F{n - 1} ...F{n - 1} }}" for n in range(1, levels))
    return f"{{ ...F{levels - 1} }} fragment F0 on Query {{ __typename }} {halves}"


def _many(count: int, text: str) -> str:
    return " ".join(text.replace("#", str(n)) for n in range(count))


_DEEP = "fields { type { "
_DOCUMENTS = {
    "braces": "{" * 100_000,
    "levels of fragments": "{ ... " * 600 + "{ __typename }" + " }" * 600,
    "levels of introspection": "{ __schema { types { " + _DEEP * 60 + "name" + " } }" * 60 + " } } }",
    "levels of types": '{ __type(name: "Order") { ' + "ofType { " * 300 + "name" + " }" * 300 + " } }",
    "lists in lists": '{ order(id: ' + "[" * 900 + "]" * 900 + ") { id } }",
    "objects in objects": "{ order(id: " + "{a: " * 600 + "1" + "}" * 600 + ") { id } }",
    "lists as a type": "query Q($a: " + "[" * 900 + "Int" + "]" * 900 + ") { __typename }",
    "aliases": "{ " + _many(600, 'a#: order(id: "x") { id }') + " }",
    "the same field": '{ order(id: "x") { ' + "id " * 1_900 + "} }",
    "the same root field": "{ " + "__typename " * 1_900 + "}",
    "fields that conflict": '{ order(id: "x") { ' + _many(400, "a: id a: state") + " } }",
    "fields that are not there": "{ " + _many(1_900, "ordr#") + " }",
    "directives": "{ __typename " + "@skip(if: false) " * 300 + "}",
    "unknown directives": "{ __typename " + _many(900, "@x#") + " }",
    "variables": "query Q(" + _many(400, "$v#: String") + ") { __typename }",
    "operations": _many(300, "query Q# { __typename }"),
    "fragments in a circle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment in itself": "{ ...A } fragment A on Query { ...A ...A ...A }",
    "fragments doubled": _doubling(60),
    "fragments crossed": "{ ...A } " + _many(150, "fragment F# on Query { ...A }") + " fragment A on Query { "
    + _many(150, "...F#") + " }",
    "unused fragments": "{ __typename } " + _many(300, "fragment F# on Query { __typename }"),
    "an introspection storm": _introspection(10),
    "comments": "#" * 500_000 + "\n#x" * 100_000 + "\n{ __typename }",
    "a long name": "{ " + "a" * 500_000 + " }",
    "a long text": '{ order(id: "' + "a" * 500_000 + '") { id } }',
    "a long block text": '{ order(id: """' + "\n  a" * 100_000 + '""") { id } }',
    "a long number": "{ order(id: " + "9" * 500_000 + ") { id } }",
}  # fmt: skip


@pytest.mark.parametrize("name", _SCHEMAS)
def test_documents(name: str, tenant: Tenant) -> None:
    order = tenant.create()
    before, problems = tenant.snapshot(order["id"]), list[str]()
    contract = contract_of(name)
    path = contract.read(order["id"]).path
    for what, document in _DOCUMENTS.items():
        answer = tenant.send(Wire("POST", path, {"query": document}))
        problems += [f"{what}: {said}" for said in _wrong(answer)]
    assert not problems, "\n".join(problems)
    assert tenant.snapshot(order["id"]) == before
    assert tenant.send(contract.read(order["id"])).json().keys() == {"data"}


def _wrong(answer: httpx.Response) -> Iterator[str]:
    if answer.status_code not in {200, 400, 413}:
        yield f"{answer.status_code} {answer.text[:300]}"
    elif "INTERNAL" in answer.text[:2_000]:
        yield answer.text[:300]
    if answer.elapsed.total_seconds() > _SECONDS:
        yield f"{answer.elapsed.total_seconds()} s"
    if "errors" in answer.text[:20] and len(answer.content) > _LARGEST:
        yield f"{len(answer.content)} bytes"


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("name", _SCHEMAS)
def test_variables(name: str, tenant: Tenant) -> None:
    contract, order = contract_of(name), tenant.create()
    wire, before = contract.read(order["id"]), tenant.snapshot(order["id"])
    values: tuple[Any, ...] = ("a" * 900_000, ["a"] * 50_000, 10**400, _nested(60), [[]] * 50_000)
    named = [{"id": value} for value in values] + [{"id": order["id"], "more": value} for value in values]
    for variables in (*named, {f"v{n}": 1 for n in range(20_000)}):
        answer = tenant.send(Wire("POST", wire.path, {**wire.body, "variables": variables}))
        assert [*_wrong(answer)] == []
    for batch in ([wire.body], [wire.body] * 500, []):
        contract.refused(tenant.send(Wire("POST", wire.path, batch)), FaultCode.NOT_AN_OBJECT)
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    answer = tenant.send(Wire("POST", wire.path, {"extensions": extensions}))
    contract.refused(answer, FaultCode.INVALID)
    assert tenant.snapshot(order["id"]) == before


def test_every_schema_has_what_the_documents_ask_for() -> None:
    for dialect in discover():
        if dialect.name in _SCHEMAS:
            [text] = [text for path, text in dialect.contract().items() if path.endswith(".graphql")]
            query = build_schema(text).query_type
            assert query is not None
            assert "id" in query.fields["order"].args


_DEFLATE = zlib.compressobj(wbits=-15)
_UNPACKED = b'{"x": "' + b"a" * (1 << 24) + b'"}'
_PACKED = {
    "gzip": gzip.compress(_UNPACKED),
    "x-gzip": gzip.compress(b"{}"),
    "deflate": _DEFLATE.compress(_UNPACKED) + _DEFLATE.flush(),
    "gzip, gzip": gzip.compress(gzip.compress(_UNPACKED)),
    "br": b"\x0b\x02\x80{}\x03",
    "zstd": b"(\xb5/\xfd\x04\x00",
    "nonsense": b"{}",
}


@pytest.mark.parametrize("name", _NAMES)
def test_packed_bodies_are_not_unpacked(name: str, tenant: Tenant) -> None:
    """It is said so, rather than that they are no JSON; and with `identity` they are as they are."""
    contract, order = contract_of(name), tenant.create()
    wire, before = contract.change(order["id"]), tenant.snapshot(order["id"])
    for coding, raw in _PACKED.items():
        sent = Wire(wire.method, wire.path, raw=raw, headers={"Content-Encoding": coding})
        assert "Content-Encoding" in contract.refused(tenant.send(sent), FaultCode.MEDIA_TYPE).text
    assert tenant.snapshot(order["id"]) == before
    plain = Wire(wire.method, wire.path, wire.body, headers={"Content-Encoding": "identity"})
    assert tenant.send(plain).status_code == 200
    assert tenant.snapshot(order["id"]) != before


@pytest.mark.parametrize("name", _NAMES)
def test_what_is_no_json_is_told_in_the_words_of_json(name: str, tenant: Tenant) -> None:
    """Not in those of the language that reads it."""
    contract, order = contract_of(name), tenant.create()
    wire = contract.change(order["id"])
    for raw in (b'{"x": "\xff"}', b'{"x": ' + b"[" * 100_000, b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"):
        sent = Wire(wire.method, wire.path, raw=raw, headers=wire.headers)
        said = contract.refused(tenant.send(sent), FaultCode.MALFORMED).text
        assert not any(word in said for word in ("codec", "recursion", "decode", "deserializ"))


def test_nor_are_packed_streams(tenant: Tenant) -> None:
    for path in ("/api/orders/import", "/api/cancellations/bulk"):
        answer = tenant.send(Wire("POST", path, raw=gzip.compress(b"{}\n"), headers={"Content-Encoding": "gzip"}))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (415, "Content-Encoding")


_BODIES = {
    "a number of 400,000 digits": b'{"x": ' + b"9" * 400_000 + b"}",
    "a fraction of 400,000 digits": b'{"x": 0.' + b"9" * 400_000 + b"}",
    "a huge exponent": b'{"x": 1e999999999}',
    "a tiny exponent": b'{"x": 1e-999999999}',
    "20,000 keys": b"{" + b",".join(b'"k%d":1' % n for n in range(20_000)) + b"}",
    "20,000 equal keys": b"{" + b",".join([b'"k":1'] * 20_000) + b"}",
    "an array of arrays": b'{"x": [' + b",".join([b"[]"] * 50_000) + b"]}",
    "objects 10,000 deep": b'{"x":' * 10_000 + b"1" + b"}" * 10_000,
    "spaces": b" " * 100_000 + b"{",
    "escapes": b'{"x": "' + b"\\u0041" * 20_000 + b'"',
}


@pytest.mark.parametrize("name", _NAMES)
def test_bodies(name: str, tenant: Tenant) -> None:
    """None of them says anything; those that could be a body without a word in it are not sent to what would obey."""
    contract = contract_of(name)
    for what, raw in _BODIES.items():
        answer = tenant.send(Wire("POST", contract.change("nothing").path, raw=raw))
        assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code}"
        contract.check_error(answer)
        assert answer.elapsed.total_seconds() < _SECONDS, what


def test_of_equal_keys_the_last_one_counts(tenant: Tenant) -> None:
    """As in most readers of JSON; and what is stored, answered and told is the one that was looked at."""
    raw = b'{"currency": "USD", "number": "1", "currency": "EUR", "lines": [{"sku": "B", "quantity": 9, "sku": "A", "quantity": 1, "unit_price": 1}]}'  # noqa: E501
    made = tenant.send(Wire("POST", "/api/orders", raw=raw)).json()
    assert (made["currency"], made["lines"][0]["sku"], made["lines"][0]["quantity"]) == ("EUR", "A", 1)
    assert json.dumps("USD") not in json.dumps(tenant.api("GET", f"/orders/{made['id']}"))
