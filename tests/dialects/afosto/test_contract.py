"""Afosto under what every dialect must withstand: 200 with `errors`, a missing key included (4.1)."""

from urllib.parse import unquote

import httpx

from app.core import ids
from app.core.refusal import Code
from app.dialects.afosto import errors
from app.web.faults import FaultCode, Problem
from app.web.graphql import Shown
from app.web.reply import Reply
from tests.dialects.graphql_contract import GraphQLContract
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant

_NOT_FOUND = [code for code in Code if code.value.endswith("_not_found")]
_UNAUTHORIZED = [Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.TENANT_INACTIVE]
_OURS = [Code.UNAVAILABLE, Code.TIMED_OUT, FaultCode.INTERNAL]
_CODES: dict[str, str] = {
    **dict.fromkeys([*Code, *FaultCode], "VALIDATION_ERROR"),
    **dict.fromkeys(_UNAUTHORIZED, "UNAUTHORIZED"),
    Code.SCOPE_MISSING: "FORBIDDEN",
    **dict.fromkeys([*_NOT_FOUND, FaultCode.NO_ROUTE], "NOT_FOUND"),
    **dict.fromkeys([Code.RATE_LIMITED, Code.BUSY], "RATE_LIMITED"),
    **dict.fromkeys(_OURS, "INTERNAL_SERVER_ERROR"),
}
_EQUIVALENT = {
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "VALIDATION_ERROR": 422,
    "RATE_LIMITED": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
_STATUSES: dict[str, int] = {
    **{problem: _EQUIVALENT[code] for problem, code in _CODES.items()},
    FaultCode.MALFORMED: 400,
    FaultCode.NOT_AN_OBJECT: 400,
    FaultCode.INVALID: 400,
    FaultCode.MEDIA_TYPE: 415,
    FaultCode.TOO_LARGE: 413,
    FaultCode.METHOD: 405,
}
_GRAPHQL = "application/graphql-response+json"


class TestAfosto(GraphQLContract):
    name = "afosto"
    drawn_by = ("picture.Items",)
    limited = "Too many requests"
    drawn_in = "resolvers"
    retry_after = False
    statuses = _STATUSES
    codes = _CODES
    outside = frozenset(set(FaultCode) - {FaultCode.INTERNAL})
    again = Code.CANCELLATION_PENDING.value

    def render(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def show(self, problem: Problem) -> Shown:
        return errors.show(problem)

    def check_error(self, answer: httpx.Response) -> None:
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        body = answer.json()
        assert body.keys() == {"data", "errors"}
        assert body["data"] is None
        for error in body["errors"]:
            assert error["message"]
            assert error.keys() - {"path"} == {"message", "extensions"}
            assert error["extensions"].keys() - {"field"} == {"code", "status"}
            if answer.status_code in {200, *_EQUIVALENT.values()}:
                assert error["extensions"]["status"] == _EQUIVALENT[error["extensions"]["code"]]

    def check_again(self, answer: httpx.Response) -> None:
        self.refused(answer, Code.CANCELLATION_PENDING)

    def read(self, order_id: str) -> Wire:
        return self.ask("query Read($id: String!) { order(id: $id) { id status total } }", id=unquote(order_id))

    def change(self, order_id: str) -> Wire:
        document = (
            "mutation Change($input: CancelOrderItemsInput!)"
            " { cancelOrderItems(input: $input) { id order { actions { action items } } } }"
        )
        named = unquote(order_id)
        line_id = ids.child(named, 1) if ids.looks_like_ours(named) and ids.order_of(named) == named else "nothing"
        return self.ask(document, input={"order_id": named, "items": [{"item_id": f"{line_id}.1"}]})

    def test_its_own_media_type_has_the_statuses(self, tenant: Tenant) -> None:
        """Only where it is the one type that is accepted; the official client accepts both."""
        wire = self.read(tenant.create()["id"])
        for accept, status, kind in (
            (_GRAPHQL, 401, _GRAPHQL),
            (f"{_GRAPHQL}, application/json", 200, "application/json"),
            ("application/json", 200, "application/json"),
        ):
            answer = tenant.send(Wire(wire.method, wire.path, wire.body, headers={"Accept": accept}), key="nonsense")
            assert (answer.status_code, answer.headers["Content-Type"]) == (status, f"{kind}; charset=utf-8")
            assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHORIZED", "status": 401}
