"""Every root field of each GraphQL schema as a request: what it requires, every id that it takes, all leaves of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_leaf_type,
)

from app.web.dialect import discover
from tests.dialects.server import Wire

_ID = re.compile(r"(^|[._])(id|ids|\w*Ids?|\w+_ids?|values|location)(\[\])?$")
_VALUES: Mapping[str, Any] = {
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "JSONObject": {},
    "Currency": "EUR",
    "Money": 100,
    "CancelReason": "LATE",
    "ReturnReason": "LATE",
}
_TEXTS = {"endPoint": "https://receiver.example/", "type": "order/updated", "currency": "EUR"}


@dataclass(frozen=True)
class Field:
    dialect: str
    prefix: str
    root: str
    name: str
    field: GraphQLField

    @property
    def reads(self) -> bool:
        return self.root != "mutation"

    @property
    def socket(self) -> bool:
        return self.root == "subscription"

    def places(self, known: Mapping[str, str | None]) -> dict[str, str]:
        """Every place that looks like that of an id has a row in `known`; None is for ids that lead nowhere."""
        found = {}
        for place in self._all():
            rows = [of for pattern, of in known.items() if re.search(pattern, place)]
            if rows and rows[0] is not None:
                found[place] = rows[0]
            assert rows or not _ID.search(place), f"{self.dialect}: of what is {place} an id?"
        return found

    def build(self, ids: Mapping[str, str]) -> Wire:
        given = {}
        for name, argument in self.field.args.items():
            place = f"{self.name}.{name}"
            if isinstance(argument.type, GraphQLNonNull) or any(each.startswith(place) for each in ids):
                given[name] = _value(argument.type, place, name, ids)
        types = ", ".join(f"${name}: {self.field.args[name].type}" for name in given)
        arguments = ", ".join(f"{name}: ${name}" for name in given)
        leaves = _leaves(get_named_type(self.field.type))
        called = f"{self.name}({arguments})" if given else self.name
        document = f"{self.root} Q{f'({types})' if given else ''} {{ {called} {leaves} }}"
        return Wire("POST", f"{self.prefix}/graphql", {"query": document, "variables": given})

    def _all(self) -> Iterator[str]:
        for name, argument in self.field.args.items():
            yield from _places(argument.type, f"{self.name}.{name}", ())


def fields() -> Iterator[Field]:
    for dialect in discover():
        for path, text in dialect.contract().items():
            if path.endswith(".graphql"):
                schema = build_schema(text)
                for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
                    for name, field in root.fields.items() if root else ():
                        yield Field(dialect.name, dialect.prefixes[0], root.name.lower() if root else "", name, field)


def _places(kind: Any, at: str, above: tuple[str, ...]) -> Iterator[str]:
    if isinstance(kind, GraphQLNonNull):
        yield from _places(kind.of_type, at, above)
    elif isinstance(kind, GraphQLList):
        yield from _places(kind.of_type, f"{at}[]", above)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items() if kind.name not in above else ():
            yield from _places(field.type, f"{at}.{name}", (*above, kind.name))
    elif kind.name in {"String", "ID"}:
        yield at


def _value(kind: Any, at: str, name: str, ids: Mapping[str, str]) -> Any:
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, at, name, ids)
    if isinstance(kind, GraphQLList):
        return [_value(kind.of_type, f"{at}[]", name, ids)]
    if isinstance(kind, GraphQLInputObjectType):
        return {
            inner: _value(field.type, f"{at}.{inner}", inner, ids)
            for inner, field in kind.fields.items()
            if isinstance(field.type, GraphQLNonNull) or _asked(f"{at}.{inner}", ids) or inner in _TEXTS
        }
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return ids.get(at) or _VALUES.get(kind.name) or _TEXTS.get(name, "nothing")


def _asked(place: str, ids: Mapping[str, str]) -> bool:
    return any(each == place or each.startswith((f"{place}.", f"{place}[")) for each in ids)


def _leaves(kind: Any) -> str:
    if not isinstance(kind, GraphQLObjectType):
        return ""
    names = [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args]
    return "{ " + " ".join(["__typename", *names]) + " }"
