"""Shopline under what every dialect must withstand."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.shopline import errors
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.contract import DialectContract
from tests.dialects.server import Wire

_ALONE = {"Unauthorized", "store is not active"}


class TestShopline(DialectContract):
    name = "shopline"
    drawn_by = ("picture.from_order",)
    limited = "Too Many Requests"
    statuses: ClassVar = {
        Code.UNAUTHENTICATED: 400,
        Code.DIALECT_NOT_ALLOWED: 400,
        Code.SCOPE_MISSING: 403,
        Code.TENANT_INACTIVE: 400,
        **dict.fromkeys((code for code in Code if code.value.endswith("_not_found")), 404),
        Code.ALREADY_CANCELLED: 406,
        Code.ALREADY_FULFILLED: 406,
        Code.PARTLY_FULFILLED: 406,
        Code.NOTHING_TO_CANCEL: 406,
        Code.NOTHING_TO_FULFIL: 406,
        Code.NOTHING_TO_ALLOCATE: 406,
        Code.CANCELLATION_PENDING: 406,
        Code.CANCELLATION_REFUSED: 406,
        Code.SUPERSEDED: 406,
        Code.NOT_OPEN: 406,
        Code.NOT_A_DRAFT: 406,
        Code.STAGE_NOT_ALLOWED: 406,
        Code.STEP_NOT_ALLOWED: 406,
        Code.NOT_SHIPPED: 406,
        Code.ALREADY_RETURNED: 406,
        Code.RETURN_WINDOW_CLOSED: 406,
        Code.NOT_FINISHED: 406,
        Code.NOTHING_TO_REFUND: 406,
        Code.FULFILLMENT_FINAL: 406,
        Code.NOT_COMPLETED: 406,
        Code.ARCHIVED: 406,
        Code.NOT_ARCHIVED: 406,
        Code.QUANTITY_OUT_OF_RANGE: 406,
        Code.AMOUNT_OUT_OF_RANGE: 406,
        Code.DUPLICATE: 422,
        Code.INVALID: 422,
        Code.KEY_REUSED: 422,
        Code.RATE_LIMITED: 429,
        Code.BUSY: 500,
        Code.UNAVAILABLE: 500,
        Code.TIMED_OUT: 500,
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
        """A list under `errors`, or one text under `error` where the caller is not accepted at all; never both."""
        assert answer.headers["Content-Type"] == "application/json"
        body = answer.json()
        if "error" in body:
            assert body.keys() == {"error"}
            assert body["error"] in _ALONE
            assert answer.status_code == 400
        else:
            assert body.keys() == {"errors"}
            assert body["errors"]
            assert all(isinstance(text, str) and text for text in body["errors"])

    def read(self, order_id: str) -> Wire:
        return Wire("GET", f"/shopline/openapi/2022-01/orders/{order_id}")

    def change(self, order_id: str) -> Wire:
        return Wire("POST", f"/shopline/openapi/2022-01/orders/{order_id}/cancel", {"reason": "late"})
