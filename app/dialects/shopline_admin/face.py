"""Puts Shopline Admin together: its routes, its errors, where its key is, what its contract says."""

from collections.abc import Mapping

from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.shopline_admin import errors, examples, mapping, routes, wire
from app.service.rates import Allowance
from app.web import face
from app.web.contract import Contract
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.headers import bearer, x_rate_limit
from app.web.reply import Reply

PREFIXES = ("/shopline-admin",)
_OPERATIONS = routes.routes.operations


class _Words:
    dialect = mapping.NAME

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        """What every reply has beside."""
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        return x_rate_limit(allowance)


_WORDS = _Words()
_CONTRACT = Contract(
    title="Dragoman as Shopline Admin",
    version="1",
    description="Orders as Shopline Admin has them, to read and to cancel. "
    "An error is an object under `error`, with a code that stays the same and a message for people.",
    prefixes=PREFIXES,
    words=_WORDS,
    error=wire.Error,
    security={"type": "http", "scheme": "bearer", "description": "An API key, `drg_…`."},
    examples=examples.EXAMPLES,
    parameters=examples.PARAMETERS,
)


def build(services: Services) -> ASGIApp:
    return face.build(_OPERATIONS, _WORDS, _CONTRACT, services)


def contract() -> Mapping[str, str]:
    return {"openapi/shopline_admin.json": face.render(_OPERATIONS, _CONTRACT)}


def sample(order: Order) -> Sample:
    return Sample(
        about="cancel an order, with a reason",
        method="POST",
        path=f"{PREFIXES[0]}/orders/{mapping.id_of(order)}/cancel",
        headers={"Authorization": "Bearer {key}"},
        body={"reason": "Customer changed their mind"},
    )
