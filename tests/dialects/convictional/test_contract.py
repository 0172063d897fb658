"""Convictional under what every dialect must withstand: no 403, no 409 (contract 4.1)."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.convictional import errors
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire

_STATUSES: dict[str, int] = {
    **dict.fromkeys(Code, 422),
    Code.UNAUTHENTICATED: 401,
    Code.DIALECT_NOT_ALLOWED: 401,
    Code.SCOPE_MISSING: 401,
    Code.TENANT_INACTIVE: 401,
    **dict.fromkeys((code for code in Code if code.value.endswith("_not_found")), 404),
    Code.RATE_LIMITED: 429,
    Code.BUSY: 500,
    Code.UNAVAILABLE: 500,
    Code.TIMED_OUT: 500,
    FaultCode.MALFORMED: 400,
    FaultCode.NOT_AN_OBJECT: 400,
    FaultCode.INVALID: 422,
    FaultCode.MEDIA_TYPE: 415,
    FaultCode.TOO_LARGE: 413,
    FaultCode.NO_ROUTE: 404,
    FaultCode.METHOD: 405,
    FaultCode.INTERNAL: 500,
}


class TestConvictional(DialectContract):
    name = "convictional"
    drawn_by = ("mapping.from_order",)
    limited = "Too many requests; try again in "
    limits: ClassVar = {"X-RateLimit-Limit": r"3", "X-RateLimit-Remaining": r"\d", "X-RateLimit-Reset": r"\d{10}"}
    statuses = _STATUSES

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def check_error(self, answer: httpx.Response) -> None:
        assert answer.headers["Content-Type"] == "application/json"
        body = answer.json()
        assert body.keys() == {"errors"}
        assert body["errors"]
        for field, texts in body["errors"].items():
            assert field
            assert texts
            assert all(isinstance(text, str) and text for text in texts)
        if "X-Request-Id" in answer.headers:
            assert answer.headers["Convictional-Version"] == "2022-03-03"

    def read(self, order_id: str) -> Wire:
        return Wire("GET", f"/convictional/orders/{order_id}")

    def change(self, order_id: str) -> Wire:
        return Wire("POST", f"/convictional/orders/{order_id}/cancel", {"reason": "late"})
