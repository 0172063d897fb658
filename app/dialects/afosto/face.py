"""Puts Afosto together: its schema with its resolvers, its errors, its key."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ariadne import ScalarType, make_executable_schema
from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    print_schema,
)
from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.afosto import errors, inputs, items, picture, resolvers
from app.service.rates import Allowance
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.graphql import GraphQLApp, Rules, Shown, Wrong
from app.web.headers import bearer
from app.web.reply import Reply

PREFIXES = ("/afosto",)
_SCHEMA = Path(__file__).with_name("schema.graphql")
_TOKEN = re.compile("[A-Z][A-Z0-9_]{0,99}")


def _read_token(value: Any) -> str:
    """The values are not public (gap 1). An enum's literal comes here as its name."""
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ValueError("must be a token in capitals, of at most 100 signs, such as OUT_OF_STOCK")
    return value


def executable() -> GraphQLSchema:
    schema = make_executable_schema(
        _SCHEMA.read_text(),
        resolvers.query,
        resolvers.mutation,
        ScalarType("CancelReason", value_parser=_read_token),
        ScalarType("ReturnReason", value_parser=_read_token),
    )
    order = cast(GraphQLObjectType, schema.type_map["Order"])
    for name, type_ in schema.type_map.items():
        # 2.2: what these return is documented as the Order, and their samples select it within the payload.
        if name.endswith("Payload") and "order" in (payload := cast(GraphQLObjectType, type_)).fields:
            payload.fields.update(order.fields)
    for name, fields in inputs.ALSO.items():
        _rename(cast(GraphQLInputObjectType, schema.type_map[name]), fields)
    return schema


def _rename(type_: GraphQLInputObjectType, fields: Mapping[str, tuple[str, ...]]) -> None:
    """Every name optional, so that any one of them can be there."""
    for name, others in fields.items():
        field = type_.fields[name]
        plain = cast(GraphQLNonNull[Any], field.type).of_type
        field.type = plain
        for other in others:
            type_.fields[other] = GraphQLInputField(plain, description=f"In place of {name}.")


class _Words:
    dialect = items.NAME
    # 4.1. There is no code of its own for a document that does not fit the schema, and no `locations`.
    rules = Rules(
        codes=dict.fromkeys(Wrong, errors.INVALID),
        more={"status": errors.STATUSES[errors.INVALID]},
        told=errors.TOLD,
        locations=False,
        null_data=True,
    )

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def shown(self, problem: Problem) -> Shown:
        return errors.show(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """4.2: no headers are documented."""
        return {}


def build(services: Services) -> ASGIApp:
    return GraphQLApp(executable(), _Words(), services)


def contract() -> Mapping[str, str]:
    return {"openapi/afosto.graphql": print_schema(executable()) + "\n"}


_CANCEL = (
    "mutation Cancel($input: CancelOrderItemsInput!)"
    " { cancelOrderItems(input: $input) { order { id actions { action items } } } }"
)


def sample(order: Order) -> Sample:
    item_id = items.sold_id(order.lines[0].id, 1) if order.lines else ""
    given = {"order_id": picture.id_of(order), "items": [{"item_id": item_id, "reason": "OUT_OF_STOCK"}]}
    return Sample(
        about="begin to cancel an item; order.actions says which mutation is next",
        method="POST",
        path=f"{PREFIXES[0]}/graphql",
        headers={"Authorization": "Bearer {key}"},
        body={"query": _CANCEL, "variables": {"input": given}},
    )
