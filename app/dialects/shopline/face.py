"""Puts Shopline together: its routes in both forms, its errors, where its key is, what its contract says."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.shopline import after_sales, envelopes, errors, examples, goods, routes, shipping, webhooks
from app.service.rates import Allowance
from app.web import face
from app.web.contract import Contract
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.headers import bearer, plain
from app.web.reply import Reply
from app.web.rest import Operation

PREFIXES = ("/shopline", "/shoplazza")
_VERSION = "/openapi/2022-01"
_SHORT = "_short"

_SHORT_FORM = [operation for part in (routes, shipping, after_sales, webhooks) for operation in part.routes.operations]
_FULL = [replace(operation, path=_VERSION + operation.path) for operation in _SHORT_FORM]
_OPERATIONS = [*_FULL, *_SHORT_FORM]


class _Words:
    dialect = goods.NAME

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        """1.2: the token as it is; the usual header is tolerated."""
        return plain(headers, b"access-token") or bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """4.3: there is one, but its name is not public."""
        return {}


class _Contract(Contract):
    def operation_id(self, operation: Operation) -> str:
        name = operation.handler.__name__
        return name if operation.path.startswith(_VERSION) else name + _SHORT


_WORDS = _Words()
_CONTRACT = _Contract(
    title="Dragoman as Shopline",
    version="2022-01",
    description="Orders and *Cancel order with reason* as Shoplazza's order API 2022-01 has them, in its full and in a "
    "short route form. Money is a decimal text, times are RFC 3339 UTC without a fraction. An error has `errors`, a "
    "list, or `error`, a text, never both; a missing or bad token is 400. On webhooks, what is wrong with a field is "
    'told by field: `{"errors": {"address": ["can\'t be blank", "is invalid"]}}`.',
    prefixes=PREFIXES,
    words=_WORDS,
    error=envelopes.ErrorList | envelopes.ErrorText | envelopes.ErrorFields,
    security={"type": "apiKey", "in": "header", "name": "Access-Token", "description": "An API key, `drg_…`."},
    examples={**examples.EXAMPLES, **{name + _SHORT: held for name, held in examples.EXAMPLES.items()}},
    parameters=examples.PARAMETERS,
    request_id_header="Request-Id",  # 1.2: on every reply, errors included
)


def build(services: Services) -> ASGIApp:
    return face.build(_OPERATIONS, _WORDS, _CONTRACT, services)


def contract() -> Mapping[str, str]:
    return {"openapi/shopline.json": face.render(_OPERATIONS, _CONTRACT)}


def sample(order: Order) -> Sample:
    return Sample(
        about="cancel an order, with a reason",
        method="POST",
        path=f"{PREFIXES[0]}{_VERSION}/orders/{goods.id_of(order)}/cancel",
        headers={"Access-Token": "{key}"},
        body={"reason": "Customer changed their mind"},
    )
