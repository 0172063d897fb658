"""A tenant of a test's own, so that tests on one server never meet; orders are made and read through the native API."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from app.core.model import Party
from app.core.policy import Policy
from app.core.ports import Tenant as Record
from app.service.access import SCOPES, Keys
from app.service.clock import Clock
from app.service.vault import Vault
from tests.dialects.server import SECRET_KEY, Server, Wire

_clock = Clock()
_VAULT = Vault([SECRET_KEY])
_numbers = count(1001)

Snapshot = tuple[Any, list[dict[str, Any]]]


@dataclass
class Tenant:
    """`key` may do everything, in every dialect."""

    server: Server
    id: str = field(default_factory=lambda: uuid4().hex[:12])
    key: str = ""

    @classmethod
    def add(cls, server: Server, policy: Policy | None = None) -> "Tenant":
        tenant = cls(server)
        record = Record(
            id=tenant.id, name="Test", active=True, policy=policy or Policy(), created_at=_clock.now()
        )  # fmt: skip
        server.run(server.store.add_tenant, record)
        tenant.key = tenant.add_key()
        return tenant

    def add_key(
        self,
        *,
        party: str = "seller",
        scopes: Sequence[str] = SCOPES,
        dialects: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        revoked: bool = False,
    ) -> str:
        keys = Keys(self.server.store, _clock, vault=_VAULT)
        allowed = None if dialects is None else tuple(dialects)
        add = partial(
            keys.add, party=Party(party), scopes=tuple(scopes), dialects=allowed, expires_at=expires_at
        )  # fmt: skip
        credential, text = self.server.run(add, self.id)
        if revoked:
            self.server.run(keys.revoke, self.id, credential.id)
        return str(text)

    def deactivate(self) -> None:
        record = self.server.run(self.server.store.tenant, self.id)
        self.server.run(self.server.store.save_tenant, replace(record, active=False))

    def send(self, wire: Wire, *, key: str | None = None) -> httpx.Response:
        return self.server.send(wire, self.key if key is None else key)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A native call that succeeds."""
        answer = self.send(Wire(method, f"/api{path}", body))
        assert answer.is_success, answer.text
        return answer.json()

    def create(self, **more: Any) -> Any:
        """An open order of 5 and 2 pieces."""
        lines = [
            {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250, "tax_rate": 0.21},
            {"sku": "TEA-GREEN", "title": "Green tea", "quantity": 2, "unit_price": 800, "tax_rate": 0.09},
        ]
        return self.api("POST", "/orders", {"number": str(next(_numbers)), "currency": "EUR", "lines": lines} | more)

    def events(self, order_id: str) -> list[dict[str, Any]]:
        return list(self.api("GET", f"/orders/{order_id}/events?limit=250")["events"])

    def snapshot(self, order_id: str) -> Snapshot:
        """All there is to know of an order, its version, change time and history included."""
        return self.api("GET", f"/orders/{order_id}"), self.events(order_id)
