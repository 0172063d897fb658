"""Puts SHOPLINE together: its routes under every version, its errors, where its key is, what its contract says."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.model import Order
from app.dialects.shopline_admin import envelopes, errors, examples, goods, paying, routes, shipping, webhooks
from app.service.rates import Allowance
from app.web import face
from app.web.contract import Contract
from app.web.dialect import Sample, Services
from app.web.faults import Problem
from app.web.headers import bearer
from app.web.reply import Reply

PREFIXES = ("/shopline-admin",)
_VERSIONS = "/admin/openapi/"
# 1.1. They differ in keys that a later one has more; all are taken in all (gap 7).
VERSIONS = frozenset(
    f"v{day}01"
    for day in (
        *("202109", "202209", "202303", "202309", "202312", "202403", "202406", "202412"),
        *("202503", "202506", "202512", "202603", "202606", "202609", "202612", "202703"),
    )
)
_LATEST_STABLE = "v20260901"
_OPERATIONS = [
    operation for part in (routes, shipping, paying, webhooks) for operation in part.routes.operations
]  # fmt: skip


class Versions:
    """Every route is there under `/admin/openapi/<version>`, as the partner has it, and short, as the contract document
    has it. As with a prefix, `path` stays whole and `root_path` says how much of it is not the route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below: str = scope["path"][len(scope["root_path"]) :]
        version = below.removeprefix(_VERSIONS).partition("/")[0]
        if below.startswith(_VERSIONS) and version in VERSIONS:
            scope = {**scope, "root_path": f"{scope['root_path']}{_VERSIONS}{version}"}
        await self._app(scope, receive, send)


class _Words:
    dialect = goods.NAME

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return bearer(headers)

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        """4.3: no header is public."""
        return {}


_WORDS = _Words()
_CONTRACT = Contract(
    title="Dragoman as SHOPLINE",
    version="v20270301",
    description="Orders, fulfilments, refunds and webhooks as SHOPLINE's Admin REST API has them. Every path is there "
    "under `/admin/openapi/{version}`, too, for every version up to this one. Money is a decimal text, beside it a "
    "`_set` in both currencies; times are ISO 8601 with an offset. An error is a text under `errors`. Lists have "
    "their pages in the header `link`.",
    prefixes=PREFIXES,
    words=_WORDS,
    error=envelopes.ErrorText,
    security={"type": "http", "scheme": "bearer", "description": "An API key, `drg_…`."},
    examples=examples.EXAMPLES,
    parameters=examples.PARAMETERS,
    request_id_header="traceId",  # 1.2: on every reply
)


def build(services: Services) -> ASGIApp:
    return Versions(face.build(_OPERATIONS, _WORDS, _CONTRACT, services))


def contract() -> Mapping[str, str]:
    return {"openapi/shopline_admin.json": face.render(_OPERATIONS, _CONTRACT)}


def sample(order: Order) -> Sample:
    return Sample(
        about="cancel an order, with a reason, and put the goods back",
        method="POST",
        path=f"{PREFIXES[0]}{_VERSIONS}{_LATEST_STABLE}/orders/{goods.id_of(order)}/cancel.json",
        headers={"Authorization": "Bearer {key}"},
        body={"cancel_reason": "I don't want to buy it.", "restock": True, "email": True},
    )
