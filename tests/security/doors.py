"""Every way in, generated: the operations of each contract document and the root fields of each schema.

`access.json` among a dialect's tests says literally what each needs, a second opinion beside the code; `parties` and
`also` are what else it takes, `beside` the routes that no contract document has. No test and no fixture is here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from app.web.dialect import discover
from tests.contracts import documents
from tests.contracts.documents import Document
from tests.dialects.folders import held
from tests.dialects.server import Wire
from tests.security import fields

FACES: Mapping[str, Mapping[str, Any]] = {dialect.name: held(dialect.name, "access.json") for dialect in discover()}
_SHORT = "_short"
_ABSENT = "nothing"
_NO_IDS = {"sku"}
_FIXED = {"kind": "cancel", "language": "en"}
_BESIDE: Mapping[str, Mapping[str, str]] = {
    "cancel_orders": {"line": "order"},
    "retry_task": {"path.task_id": "task"},
    "call_back": {"path.tenant_id": "tenant"},
}
"""Ids that the fuzzer has no use for: by operation, place and what it is an id of."""

Ids = Mapping[str, str]
"""By place: `path.order_id`, `body.lines[*].line_id`, `input.items[].item_id`."""


@dataclass(frozen=True)
class Door:
    """`places` says what the id in each place is one of; `build` makes the request with ids put there."""

    dialect: str
    name: str
    places: Ids
    build: Callable[[Ids], Wire]
    reads: bool
    socket: bool = False

    @property
    def needs(self) -> str:
        [scope] = [scope for scope, names in FACES[self.dialect]["needs"].items() if self._plain in names]
        return str(scope)

    @property
    def party(self) -> str:
        """`any` where it does not matter."""
        parties = FACES[self.dialect].get("parties")
        if parties is None:
            return "any"
        return next((party for party, names in parties.items() if self._plain in names), "seller")

    @property
    def also(self) -> list[str]:
        return list(FACES[self.dialect].get("also", {}).get(self._plain, ()))

    @property
    def _plain(self) -> str:
        return self.name.removesuffix(_SHORT)


@cache
def doors() -> tuple[Door, ...]:
    rest = [door for document in documents.documents() for door in _of_document(document)]
    graphql = [
        Door(
            field.dialect,
            field.name,
            field.places(FACES[field.dialect]["ids"]),
            field.build,
            reads=field.reads,
            socket=field.socket,
        )
        for field in fields.fields()
    ]
    return (*rest, *graphql)


def listed(dialect: str) -> list[str]:
    return [name for names in FACES[dialect]["needs"].values() for name in names]


def _of_document(document: Document) -> Iterator[Door]:
    seeds: Ids = held(document.name, "fuzz.json")["seeds"]
    for method, path, operation in document.operations():
        made = _Operation(document, method.upper(), path, operation)
        yield Door(document.name, operation["operationId"], made.places(seeds), made.build, reads=method == "get")


class _Operation:
    def __init__(self, document: Document, method: str, path: str, operation: Mapping[str, Any]) -> None:
        self._document, self._method, self._path, self._operation = document, method, path, operation
        [(self._kind, self._content)] = operation.get("requestBody", {}).get("content", {"": {}}).items()

    def places(self, seeds: Ids) -> Ids:
        more = _BESIDE.get(self._operation["operationId"].removesuffix(_SHORT), {})
        return {place: of for place, of in seeds.items() if of not in _NO_IDS and self._has(place)} | dict(more)

    def build(self, ids: Ids) -> Wire:
        """The example of the contract, as far as no id says otherwise."""
        path, query, body = self._path, {}, deepcopy(self._content.get("example"))
        for place, value in ids.items():
            where, _, name = place.partition(".")
            if where == "path":
                path = path.replace(f"{{{name}}}", value)
            elif where == "query":
                query[name.removesuffix("[*]")] = value
            else:
                body = _put(body, _parts(name), value) if where == "body" else json.dumps(value)
        for name, value in _FIXED.items():
            path = path.replace(f"{{{name}}}", value)
        target = self._document.prefix + re.sub(r"\{\w+\}", _ABSENT, path) + ("?" + urlencode(query) if query else "")
        if isinstance(body, str):
            return Wire(self._method, target, raw=body.encode(), headers={"Content-Type": self._kind})
        return Wire(self._method, target, body)

    def _has(self, place: str) -> bool:
        where, _, name = place.partition(".")
        if where == "path":
            return f"{{{name}}}" in self._path
        if where == "body":
            return self._kind.endswith("json") and _takes(self._document, self._content.get("schema", {}), _parts(name))
        known = [self._document.resolve(each) for each in self._operation.get("parameters", ())]
        return name.removesuffix("[*]") in {each["name"] for each in known if each["in"] == "query"}


def _parts(name: str) -> list[str]:
    return name.replace("[*]", ".*").split(".")


def _takes(document: Document, schema: Mapping[str, Any], parts: list[str]) -> bool:
    schema = document.resolve(schema)
    if not parts:
        return "properties" not in schema and schema.get("type") != "array" and "anyOf" not in schema
    for each in schema.get("anyOf", ()):
        if _takes(document, each, parts):
            return True
    part, *rest = parts
    inner = schema.get("items") if part == "*" else schema.get("properties", {}).get(part)
    if inner is None:
        return False
    return _takes(document, inner, rest) or (not rest and "anyOf" in document.resolve(inner))


def _put(body: Any, parts: list[str], value: str) -> Any:
    if not parts:
        return value
    part, *rest = parts
    if part == "*":
        first = body[0] if isinstance(body, list) and body else None
        return [_put(first, rest, value)]
    held = body if isinstance(body, dict) else {}
    return {**held, part: _put(held.get(part), rest, value)}
