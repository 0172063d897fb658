"""What the wire tests of warehouses share: orders that locations work on, cancelled through each synchronous face."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from tests.dialects.server import PATIENCE, Wire
from tests.dialects.tenants import Tenant


def location(tenant: Tenant, kind: str = "simulator", **settings: Any) -> str:
    made = tenant.api("POST", "/locations", {"name": "Dock", "connector": {"kind": kind, **settings}})
    return str(made["id"])


def held_order(tenant: Tenant, *locations: str, **more: Any) -> Any:
    """An order of five mugs and two teas; each location holds one line of it, in picking."""
    order = tenant.create(**more)
    for n, location_id in enumerate(locations):
        lines = [{"line_id": order["lines"][n]["id"]}]
        body = {"location_id": location_id, "stage": "picking", "lines": lines}
        tenant.api("POST", f"/orders/{order['id']}/allocations", body)
    return order


def policy(tenant: Tenant, **changed: Any) -> None:
    tenant.api("PATCH", "/tenant", {"policy": changed})


def _native(order: Any) -> Wire:
    return Wire("POST", f"/api/orders/{order['id']}/cancellations", {"reason": "Too late"})


def _convictional(order: Any) -> Wire:
    return Wire("POST", f"/convictional/orders/{order['id']}/cancel", {"reason": "Too late"})


def _shopline(order: Any) -> Wire:
    return Wire("POST", f"/shopline/orders/{order['id']}/cancel", {"reason": "Too late"})


CANCEL: Mapping[str, Callable[[Any], Wire]] = {
    "native": _native,
    "convictional": _convictional,
    "shopline": _shopline,
}


def cancel(tenant: Tenant, dialect: str, order: Any, key: str | None = None) -> httpx.Response:
    wire = CANCEL[dialect](order)
    headers = {"Idempotency-Key": key} if key else {}
    return tenant.send(Wire(wire.method, wire.path, wire.body, headers=headers))


def until(look: Callable[[], Any]) -> Any:
    """What `look` gives once it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)
    return found


def decided(tenant: Tenant, request_id: str) -> Any:
    """The request, once it is decided."""

    def look() -> Any:
        request = tenant.api("GET", f"/requests/{request_id}")
        return request if request["state"] != "PENDING" else None

    return until(look)
