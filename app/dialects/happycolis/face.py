"""Puts HappyColis together: its schema with its resolvers, its errors, its tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ariadne import ScalarType, make_executable_schema
from graphql import GraphQLSchema, print_schema
from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.happycolis import (
    delivery_resolvers,
    errors,
    live_resolvers,
    picture,
    resolvers,
    scopes,
    webhook_resolvers,
)
from app.dialects.happycolis.oauth import OAuth
from app.service.rates import Allowance
from app.service.tokens import Tokens
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.graphql import GraphQLApp, Rules, Shown, Wrong
from app.web.headers import bearer, x_rate_limit
from app.web.reply import Reply

PREFIXES = ("/happycolis",)
_SCHEMA = Path(__file__).with_name("schema.graphql")
_YEARS = range(1000, 9999)


def _read_time(value: Any) -> datetime:
    """ISO 8601; without an offset it is UTC."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("must be a time in ISO 8601, such as 2026-01-31T12:00:00Z") from None
    if at.year not in _YEARS:
        raise ValueError("the year must have four digits")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _read_object(value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError("must be an object")
    return value


def executable() -> GraphQLSchema:
    return make_executable_schema(
        _SCHEMA.read_text(),
        resolvers.query,
        resolvers.mutation,
        delivery_resolvers.query,
        delivery_resolvers.mutation,
        webhook_resolvers.mutation,
        live_resolvers.subscription,
        ScalarType("DateTime", value_parser=_read_time),
        ScalarType("JSONObject", value_parser=_read_object),
    )


class _Words:
    dialect = picture.NAME
    # 5.2: 400 for invalid syntax. 5.1: errors have no locations, and no data beside them; but where a document changes
    # several things, what was done is told beside what was not, so the schema's fields are nullable all the same.
    rules = Rules(statuses={Wrong.SYNTAX: 400}, locations=False, null_data=True)

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def shown(self, problem: Problem) -> Shown:
        return errors.show(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """5.3, public docs."""
        return x_rate_limit(allowance)


def build(services: Services) -> ASGIApp:
    tokens = Tokens(services.vault, services.clock, picture.NAME)
    callers = scopes.Callers(services.access, tokens)
    routes = OAuth(tokens, callers).routes()
    return GraphQLApp(executable(), _Words(), services, routes, callers.authenticate)


def contract() -> Mapping[str, str]:
    return {"schema.graphql": print_schema(executable()) + "\n"}


_CANCEL = "mutation Cancel($id: String!) { orderCancel(id: $id) { id type state message } }"


def sample(order: Order) -> Sample:
    return Sample(
        about="ask for the cancellation of an order; dispatchableRequest tells what became of it",
        method="POST",
        path=f"{PREFIXES[0]}/graphql",
        headers={"Authorization": "Bearer {key}"},
        body={"query": _CANCEL, "variables": {"id": picture.id_of(order)}},
    )
