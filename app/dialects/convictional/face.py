"""Puts the Convictional face together: its routes, its errors, where its key is, what its contract says."""

from collections.abc import Mapping

from starlette.types import ASGIApp

from app.core.model import Order
from app.dialects.convictional import errors, examples, routes, routes_buyer, versions, webhooks, wire
from app.dialects.convictional.chain import NAME
from app.service.rates import Allowance
from app.web import face
from app.web.contract import Contract
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.headers import bearer, plain, x_rate_limit
from app.web.reply import Reply

_OPERATIONS = [*routes.routes.operations, *webhooks.routes.operations, *routes_buyer.routes.operations]


class _Words:
    dialect = NAME

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        """The raw key; with the `Bearer` that many put before it, too (contract 1.1)."""
        return bearer(headers) or plain(headers, b"authorization")

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {"Convictional-Version": versions.asked(request)}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """4.2: the headers of the documentation of 2020."""
        return x_rate_limit(allowance)


_WORDS = _Words()
_CONTRACT = Contract(
    title="Convictional orders",
    version=versions.NEWEST,
    description="The order routes of Convictional (Modern Dropship): those under `/buyer` for keys of buyers, the "
    "others for all other keys. Ask for a version of the format with "
    "`Accept: application/vnd.convictional.2022-03-03` (or `2021-01-01`, which adds the names that the later one "
    "removed); every reply says in `Convictional-Version` which it is. Prices are numbers in major units, times "
    "RFC 3339 UTC with milliseconds. Errors are texts by parameter, or under `general`.",
    prefixes=("/convictional",),
    words=_WORDS,
    error=wire.Errors,
    security={"type": "apiKey", "in": "header", "name": "Authorization", "description": "An API key, `drg_…`, raw."},
    examples=examples.EXAMPLES,
    parameters=examples.PARAMETERS,
)


def build(services: Services) -> ASGIApp:
    return face.build(_OPERATIONS, _WORDS, _CONTRACT, services)


def contract() -> Mapping[str, str]:
    return {"openapi/convictional.json": face.render(_OPERATIONS, _CONTRACT)}


def sample(order: Order) -> Sample:
    line = order.lines[0]
    order_id = order.keys.get(NAME, order.id)
    item_id = line.keys.get(NAME, line.id)
    return Sample(
        about="cancel all but two units of the first line",
        method="POST",
        path=f"/convictional/orders/{order_id}/items/{item_id}/cancel",
        headers={"Authorization": "{key}"},
        body={"newQuantity": 2, "reason": "Out of stock"},
    )
