"""An order with all that a GraphQL dialect's schema has of it; no test and no fixture is here."""

from functools import cache
from typing import Any

from graphql import GraphQLObjectType, build_schema, get_named_type, is_object_type, is_required_argument

from app.web.dialect import discover
from tests.dialects.server import Wire


def selection(type_: GraphQLObjectType, above: tuple[str, ...] = ()) -> str:
    """All that can be asked of a type without an argument; a type within itself is left out."""
    fields = []
    for name, field in type_.fields.items():
        inner: Any = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if not is_object_type(inner):
            fields.append(name)
        elif inner.name not in {*above, type_.name}:
            fields.append(f"{name} {selection(inner, (*above, type_.name))}")
    return "{ " + " ".join(fields) + " }"


def everything(dialect: str, order_id: str) -> Wire:
    """By its field `order`, which takes an `id`."""
    prefix, document = _document(dialect)
    return Wire("POST", f"{prefix}/graphql", {"query": document, "variables": {"id": order_id}})


@cache
def _document(dialect: str) -> tuple[str, str]:
    [record] = [each for each in discover() if each.name == dialect]
    [text] = record.contract().values()
    schema = build_schema(text)
    assert schema.query_type is not None
    field = schema.query_type.fields["order"]
    argument = field.args["id"].type
    told = f"query ($id: {argument}) {{ order(id: $id) {selection(get_named_type(field.type))} }}"
    return record.prefixes[0], told
