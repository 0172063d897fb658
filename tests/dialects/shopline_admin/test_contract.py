"""Shopline Admin under what every dialect must withstand."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.shopline_admin import errors
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire

_OUT_OF_RANGE = [Code.QUANTITY_OUT_OF_RANGE, Code.AMOUNT_OUT_OF_RANGE]


class TestShoplineAdmin(DialectContract):
    name = "shopline_admin"
    drawn_by = ("mapping.from_order",)
    limited = "Too many requests; try again in "
    limits: ClassVar = {"X-RateLimit-Limit": r"3", "X-RateLimit-Remaining": r"\d", "X-RateLimit-Reset": r"\d{10}"}
    statuses: ClassVar = {
        **dict.fromkeys(Code, 409),
        Code.UNAUTHENTICATED: 401,
        Code.DIALECT_NOT_ALLOWED: 401,
        Code.SCOPE_MISSING: 403,
        Code.TENANT_INACTIVE: 403,
        Code.RATE_LIMITED: 429,
        **dict.fromkeys((code for code in Code if code.value.endswith("_not_found")), 404),
        **dict.fromkeys([*_OUT_OF_RANGE, Code.DUPLICATE, Code.INVALID, Code.KEY_REUSED], 422),
        **dict.fromkeys([Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT], 503),
        FaultCode.MALFORMED: 400,
        FaultCode.NOT_AN_OBJECT: 400,
        FaultCode.INVALID: 422,
        FaultCode.MEDIA_TYPE: 415,
        FaultCode.TOO_LARGE: 413,
        FaultCode.NO_ROUTE: 404,
        FaultCode.METHOD: 405,
        FaultCode.INTERNAL: 500,
    }

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def check_error(self, answer: httpx.Response) -> None:
        assert answer.headers["Content-Type"] == "application/json"
        body = answer.json()
        assert body.keys() == {"error"}
        assert body["error"].keys() == {"code", "message"}
        assert all(isinstance(text, str) and text for text in body["error"].values())

    def read(self, order_id: str) -> Wire:
        return Wire("GET", f"/shopline-admin/orders/{order_id}")

    def change(self, order_id: str) -> Wire:
        return Wire("POST", f"/shopline-admin/orders/{order_id}/cancel", {"reason": "late"})
