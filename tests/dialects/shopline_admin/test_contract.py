"""SHOPLINE under what every dialect must withstand."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.shopline_admin import errors
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_PATH = "/shopline-admin/admin/openapi/v20250601"


class TestShoplineAdmin(DialectContract):
    name = "shopline_admin"
    drawn_by = ("picture.from_order",)
    limited = "Too many requests; try again in "
    statuses: ClassVar = {
        **dict.fromkeys(Code, 422),
        Code.UNAUTHENTICATED: 401,
        Code.DIALECT_NOT_ALLOWED: 401,
        Code.SCOPE_MISSING: 403,
        Code.TENANT_INACTIVE: 402,
        Code.RATE_LIMITED: 429,
        **dict.fromkeys((code for code in Code if code.value.endswith("_not_found")), 404),
        Code.BUSY: 503,
        Code.UNAVAILABLE: 503,
        Code.TIMED_OUT: 504,
        FaultCode.MALFORMED: 400,
        FaultCode.NOT_AN_OBJECT: 400,
        FaultCode.INVALID: 400,
        FaultCode.MEDIA_TYPE: 400,
        FaultCode.TOO_LARGE: 413,
        FaultCode.NO_ROUTE: 404,
        FaultCode.METHOD: 405,
        FaultCode.INTERNAL: 500,
    }

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def check_error(self, answer: httpx.Response) -> None:
        """One key, a text (4.1)."""
        assert answer.headers["Content-Type"] == "application/json"
        body = answer.json()
        assert body.keys() == {"errors"}
        assert isinstance(body["errors"], str)
        assert body["errors"]

    def read(self, order_id: str) -> Wire:
        return Wire("GET", f"{_PATH}/orders/{order_id}.json")

    def change(self, order_id: str) -> Wire:
        return Wire("POST", f"{_PATH}/orders/{order_id}/cancel.json", {"cancel_reason": "late"})

    def test_every_version_is_served_and_no_other(self, tenant: Tenant) -> None:
        order = tenant.create()
        short = tenant.send(Wire("GET", f"/shopline-admin/orders/{order['id']}.json")).json()
        for version in ("v20210901", "v20230301", "v20241201", "v20251201", "v20260301", "v20270301"):
            path = f"/shopline-admin/admin/openapi/{version}/orders/{order['id']}.json"
            assert tenant.send(Wire("GET", path)).json() == short
        for version in ("v20260401", "2026-01", "V20260901", "v20260901x"):
            path = f"/shopline-admin/admin/openapi/{version}/orders/{order['id']}.json"
            self.refused(tenant.send(Wire("GET", path)), FaultCode.NO_ROUTE)

    def test_every_reply_names_its_trace(self, tenant: Tenant) -> None:
        for answer in (tenant.send(self.read("x")), tenant.send(self.read(tenant.create()["id"]), key="bad")):
            assert answer.headers["traceId"] == answer.headers["X-Request-Id"]
