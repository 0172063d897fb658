"""Puts the native API together: its routes, its errors, where its key is, what its contract says."""

from collections.abc import Mapping

from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.native import (
    aftersales,
    callbacks,
    configuration,
    errors,
    examples,
    examples_aftersales,
    examples_mail,
    examples_stock,
    examples_webhooks,
    live,
    mail,
    mapping,
    requests,
    routes,
    stock,
    streams,
    webhooks,
    wire,
)
from app.service.rates import Allowance
from app.web import face
from app.web.contract import Contract
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.headers import bearer
from app.web.reply import Reply

# A stream's path must be tried before `/orders/{order_id}` could take it.
_OPERATIONS = [
    *streams.routes.operations,
    *routes.routes.operations,
    *requests.routes.operations,
    *aftersales.routes.operations,
    *stock.routes.operations,
    *live.routes.operations,
    *configuration.routes.operations,
    *callbacks.routes.operations,
    *webhooks.routes.operations,
    *mail.routes.operations,
]


class _Words:
    dialect = mapping.NAME

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has it."""
        rate = allowance.rate
        return {
            "RateLimit-Policy": f'"credential";q={rate.burst};w={rate.window}',
            "RateLimit": f'"credential";r={allowance.remaining};t={allowance.full_in}',
        }


_WORDS = _Words()
_CONTRACT = Contract(
    title="Dragoman native API",
    version="1",
    description="Orders, cancellations, returns, the warehouse's answers and stock, in the core's own words. "
    "Amounts are integer minor units of the order's currency, times RFC 3339 UTC. Errors are problem details with a "
    "stable `code`.",
    prefixes=("/api",),
    words=_WORDS,
    error=wire.Problem,
    security={"type": "http", "scheme": "bearer", "description": "An API key, `drg_…`."},
    examples={
        **examples.EXAMPLES,
        **examples_aftersales.EXAMPLES,
        **examples_mail.EXAMPLES,
        **examples_stock.EXAMPLES,
        **examples_webhooks.EXAMPLES,
    },
    parameters={
        **examples.PARAMETERS,
        **examples_aftersales.PARAMETERS,
        **examples_mail.PARAMETERS,
        **examples_stock.PARAMETERS,
        **examples_webhooks.PARAMETERS,
    },
)


def build(services: Services) -> ASGIApp:
    return face.build(_OPERATIONS, _WORDS, _CONTRACT, services)


def contract() -> Mapping[str, str]:
    return {"openapi/native.json": face.render(_OPERATIONS, _CONTRACT)}


def sample(order: Order) -> Sample:
    return Sample(
        about="cancel one unit of the first line",
        method="POST",
        path=f"/api/orders/{order.id}/cancellations",
        headers={"Authorization": "Bearer {key}"},
        body={"lines": [{"line_id": order.lines[0].id, "quantity": 1}], "reason": "Changed my mind"},
    )
