"""HappyColis under what every dialect must withstand: 200 with `errors`, but for what comes before GraphQL (5.2)."""

from typing import ClassVar

import httpx

from app.core.refusal import Code
from app.dialects.happycolis import errors
from app.web.faults import FaultCode, Problem
from app.web.graphql import Shown
from app.web.reply import Reply
from tests.dialects.graphql_contract import GraphQLContract
from tests.dialects.server import Wire

_NOT_FOUND = [code for code in Code if code.value.endswith("_not_found")]
_UNAUTHORIZED = [Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.TENANT_INACTIVE]
_LATER = [Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT]
_STATUSES: dict[str, int] = {
    **dict.fromkeys(Code, 400),
    **dict.fromkeys(_UNAUTHORIZED, 401),
    Code.SCOPE_MISSING: 403,
    **dict.fromkeys(_NOT_FOUND, 404),
    Code.RATE_LIMITED: 429,
    **dict.fromkeys(_LATER, 500),
    FaultCode.MALFORMED: 400,
    FaultCode.NOT_AN_OBJECT: 400,
    FaultCode.INVALID: 400,
    FaultCode.MEDIA_TYPE: 415,
    FaultCode.TOO_LARGE: 413,
    FaultCode.NO_ROUTE: 404,
    FaultCode.METHOD: 405,
    FaultCode.INTERNAL: 500,
}
_CODES: dict[str, str] = {
    **dict.fromkeys(Code, "CONFLICT"),
    **dict.fromkeys(_UNAUTHORIZED, "UNAUTHORIZED"),
    Code.SCOPE_MISSING: "FORBIDDEN",
    **dict.fromkeys(_NOT_FOUND, "NOT_FOUND"),
    **dict.fromkeys([Code.QUANTITY_OUT_OF_RANGE, Code.AMOUNT_OUT_OF_RANGE, Code.DUPLICATE], "BAD_USER_INPUT"),
    **dict.fromkeys([Code.INVALID, Code.KEY_REUSED], "BAD_USER_INPUT"),
    Code.RATE_LIMITED: "TOO_MANY_REQUESTS",
    **dict.fromkeys(_LATER, "SERVICE_UNAVAILABLE"),
    **dict.fromkeys(FaultCode, "BAD_USER_INPUT"),
    FaultCode.NO_ROUTE: "NOT_FOUND",
    FaultCode.INTERNAL: "INTERNAL_SERVER_ERROR",
}


class TestHappyColis(GraphQLContract):
    name = "happycolis"
    drawn_by = ("picture.from_order", "requests.cancelled")
    limited = "Too many requests. Please retry after "
    drawn_in = "resolvers"
    limits: ClassVar = {"X-RateLimit-Limit": r"3", "X-RateLimit-Remaining": r"\d", "X-RateLimit-Reset": r"\d{10}"}
    statuses = _STATUSES
    codes = _CODES
    again = "ok"  # an answer in itself, see `check_again`

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def show(self, problem: Problem) -> Shown:
        return errors.show(problem)

    def check_error(self, answer: httpx.Response) -> None:
        body = answer.json()
        if answer.status_code == 200:
            assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
            assert body.keys() == {"data", "errors"}
            assert body["data"] is None
            for error in body["errors"]:
                assert error.keys() == {"message", "path", "extensions"}
                assert error["message"]
                assert error["extensions"].keys() == {"code"}
        else:
            assert answer.headers["Content-Type"] == "application/json"
            assert body == {"statusCode": answer.status_code, "message": body["message"]}
            assert body["message"]

    def check_again(self, answer: httpx.Response) -> None:
        """3.2, row 7: told in the answer itself."""
        assert answer.status_code == 200
        assert answer.json()["data"]["orderCancel"]["state"] == "REJECTED"

    def read(self, order_id: str) -> Wire:
        return self.ask("query Read($id: String) { order(id: $id) { id state } }", id=self.unescaped(order_id))

    def change(self, order_id: str) -> Wire:
        document = "mutation Change($id: String!) { orderCancel(id: $id) { id type state message } }"
        return self.ask(document, id=self.unescaped(order_id))
