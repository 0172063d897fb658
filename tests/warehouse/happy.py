"""A small upstream that speaks HappyColis' API as the contract has it, written by hand: it knows one order."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.warehouse.service import Asked, answer, running

CLIENT, CLIENT_SECRET, ORGANIZATION, APP = "client-1", "client-secret", "organization-1", "app-1"
ORDER_ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@dataclass
class Upstream:
    """`decides` is what becomes of a cancellation at once: PENDING, ACCEPTED or REJECTED. `calls` are root fields."""

    number: str = "1001"
    state: str = "OPENED"
    statuses: list[str] = field(default_factory=lambda: ["ACCEPTED"])
    decides: str = "PENDING"
    message: str = "Cancellation request submitted"
    knows_requests: bool = True
    takes_webhooks: bool = True
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    base: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "url": f"{self.base}/graphql",
            "organization_id": ORGANIZATION,
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "tp_app_id": APP,
        }

    def cancel_all(self) -> None:
        self.state, self.statuses = "COMPLETED", ["CANCELED"] * len(self.statuses)

    def settle(self, state: str, message: str | None = None) -> None:
        """The newest request is decided."""
        request = [*self.requests.values()][-1]
        request |= {"state": state, "message": message}
        if state == "ACCEPTED":
            self.cancel_all()

    def serve(self, asked: Asked) -> bytes:
        if asked.path == "/token":
            return self._token(parse_qs(asked.body.decode()))
        if asked.headers.get("authorization") not in {f"Bearer {t}" for t in self.tokens if t not in self.revoked}:
            return answer(401, {"statusCode": 401, "message": "Unauthorized"})
        query, variables = asked.json["query"], asked.json["variables"]
        field_ = next(name for name in _FIELDS if name in query)
        self.calls.append(field_)
        self.keys.append(asked.headers.get("idempotency-key", ""))
        return answer(200, getattr(self, f"_{field_}")(variables))

    def _token(self, form: Mapping[str, list[str]]) -> bytes:
        given = {name: values[0] for name, values in form.items()}
        self.calls.append("token")
        if given != {
            "grant_type": "client_credentials",
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "organization_id": ORGANIZATION,
        }:
            return answer(401, {"error": "invalid_client"})
        self.tokens.append(f"token-{len(self.tokens)}")
        return answer(200, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 3600, "scope": "x"})

    def _order(self, variables: Mapping[str, Any]) -> Any:
        asked = variables.get("id") or variables["reference"]
        if asked not in (ORDER_ID, {"externalReference": self.number, "tpAppId": APP}):
            return _errors("Order not found", "NOT_FOUND")
        lines = [{"quantity": 3, "status": status} for status in self.statuses]
        return {"data": {"order": {"id": ORDER_ID, "state": self.state, "lines": lines}}}

    def _orderCancel(self, variables: Mapping[str, Any]) -> Any:  # noqa: N802 - the partner's field
        id_ = f"req-{len(self.requests) + 1}"
        made = {"id": id_, "type": "CANCEL", "state": self.decides, "message": self.message}
        self.requests[id_] = made
        if self.decides == "ACCEPTED":
            self.cancel_all()
        return {"data": {"orderCancel": made}}

    def _dispatchableRequest(self, variables: Mapping[str, Any]) -> Any:  # noqa: N802 - as above
        if not self.knows_requests:
            message = 'Cannot query field "dispatchableRequest" on type "Query".'
            return _errors(message, "GRAPHQL_VALIDATION_FAILED")
        return {"data": {"dispatchableRequest": self.requests[variables["id"]]}}

    def _integrationWebhookCreate(self, variables: Mapping[str, Any]) -> Any:  # noqa: N802 - as above
        if not self.takes_webhooks:
            return _errors("Insufficient scope: edit_integrations required", "FORBIDDEN")
        self.webhooks.append((variables["input"]["type"], variables["input"]["endPoint"]))
        return {"data": {"integrationWebhookCreate": {"id": f"hook-{len(self.webhooks)}"}}}


_FIELDS = ("integrationWebhookCreate", "dispatchableRequest", "orderCancel", "order")


def _errors(message: str, code: str) -> Any:
    return {"data": None, "errors": [{"message": message, "extensions": {"code": code}}]}


@asynccontextmanager
async def upstream(**how: Any) -> AsyncIterator[Upstream]:
    made = Upstream(**how)
    async with running(made.serve) as service:
        made.base = service.url
        yield made


def message(kind: str, body: Mapping[str, Any], *, id_: str = "m-1", secret: str = CLIENT_SECRET) -> tuple[bytes, str]:
    """A webhook's bytes and signature, made with plain `hmac` as the contract says (4.1, 4.5)."""
    header = {
        "organizationId": ORGANIZATION,
        "messageId": id_,
        "webhookId": "hook-1",
        "type": kind,
        "date": "2024-03-15T14:00:00.000Z",
    }
    raw = json.dumps({"header": header, "body": body}, separators=(",", ":")).encode()
    return raw, base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
