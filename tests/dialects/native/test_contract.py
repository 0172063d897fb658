"""The native API under what every dialect must withstand."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.native import errors
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire

_STATUSES: dict[str, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.DIALECT_NOT_ALLOWED: 403,
    Code.SCOPE_MISSING: 403,
    Code.TENANT_INACTIVE: 403,
    **dict.fromkeys((code for code in Code if code.value.endswith("_not_found")), 404),
    Code.ALREADY_CANCELLED: 409,
    Code.ALREADY_FULFILLED: 409,
    Code.PARTLY_FULFILLED: 409,
    Code.NOTHING_TO_CANCEL: 409,
    Code.NOTHING_TO_FULFIL: 409,
    Code.NOTHING_TO_ALLOCATE: 409,
    Code.CANCELLATION_PENDING: 409,
    Code.CANCELLATION_REFUSED: 409,
    Code.SUPERSEDED: 409,
    Code.NOT_OPEN: 409,
    Code.NOT_A_DRAFT: 409,
    Code.STAGE_NOT_ALLOWED: 409,
    Code.STEP_NOT_ALLOWED: 409,
    Code.NOT_SHIPPED: 409,
    Code.ALREADY_RETURNED: 409,
    Code.RETURN_WINDOW_CLOSED: 409,
    Code.NOT_FINISHED: 409,
    Code.NOTHING_TO_REFUND: 409,
    Code.FULFILLMENT_FINAL: 409,
    Code.NOT_COMPLETED: 409,
    Code.ARCHIVED: 409,
    Code.NOT_ARCHIVED: 409,
    Code.DUPLICATE: 409,
    Code.QUANTITY_OUT_OF_RANGE: 422,
    Code.AMOUNT_OUT_OF_RANGE: 422,
    Code.INVALID: 422,
    Code.KEY_REUSED: 422,
    Code.RATE_LIMITED: 429,
    Code.BUSY: 503,
    Code.UNAVAILABLE: 503,
    Code.TIMED_OUT: 504,
    FaultCode.MALFORMED: 400,
    FaultCode.NOT_AN_OBJECT: 400,
    FaultCode.INVALID: 422,
    FaultCode.MEDIA_TYPE: 415,
    FaultCode.TOO_LARGE: 413,
    FaultCode.NO_ROUTE: 404,
    FaultCode.METHOD: 405,
    FaultCode.INTERNAL: 500,
}


class TestNative(DialectContract):
    name = "native"
    drawn_by = ("mapping.from_order",)
    limited = "Too many requests; try again in "
    limits: ClassVar = {"RateLimit-Policy": r'"credential";q=3;w=180', "RateLimit": r'"credential";r=\d;t=\d+'}
    statuses = _STATUSES

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def check_error(self, answer: httpx.Response) -> None:
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert set(body) - {"errors"} == {"type", "title", "status", "code", "detail"}
        assert body["status"] == answer.status_code
        assert body["code"] in {*Code, *FaultCode}

    def read(self, order_id: str) -> Wire:
        return Wire("GET", f"/api/orders/{order_id}")

    def change(self, order_id: str) -> Wire:
        return Wire("POST", f"/api/orders/{order_id}/cancellations", {"reason": "late"})
