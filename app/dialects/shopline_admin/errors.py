"""Shopline Admin's errors: one row for each refusal of the core and each fault of a request."""

from collections.abc import Mapping

from app.core.refusal import Code
from app.dialects.shopline_admin import wire
from app.web.faults import Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json

REFUSALS: Mapping[Code, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (401, "The key is missing or not valid"),
    Code.DIALECT_NOT_ALLOWED: (401, "The key is not for this interface"),
    Code.SCOPE_MISSING: (403, "The key lacks the scope {scope}"),
    Code.TENANT_INACTIVE: (403, "The account is not active"),
    Code.RATE_LIMITED: (429, "Too many requests; try again in {seconds} s"),
    Code.ORDER_NOT_FOUND: (404, "There is no such order"),
    Code.LINE_NOT_FOUND: (404, "{field}: there is no such line"),
    Code.CASE_NOT_FOUND: (404, "There is no such request"),
    Code.ALLOCATION_NOT_FOUND: (404, "There is no such allocation"),
    Code.ADJUSTMENT_NOT_FOUND: (404, "There is no such cancellation or return"),
    Code.LOCATION_NOT_FOUND: (404, "There is no such location"),
    Code.FEE_NOT_FOUND: (404, "There is no such fee"),
    Code.FULFILLMENT_NOT_FOUND: (404, "There is no such shipment"),
    Code.CREDENTIAL_NOT_FOUND: (404, "There is no such key"),
    Code.SUBSCRIPTION_NOT_FOUND: (404, "There is no such webhook"),
    Code.DELIVERY_NOT_FOUND: (404, "There is no such message"),
    Code.TASK_NOT_FOUND: (404, "There is no such task"),
    Code.ALREADY_CANCELLED: (409, "It is cancelled already"),
    Code.ALREADY_FULFILLED: (409, "Nothing can be cancelled: all that is left was shipped"),
    Code.PARTLY_FULFILLED: (409, "Part of the order was shipped"),
    Code.NOTHING_TO_CANCEL: (409, "The order has no lines"),
    Code.NOTHING_TO_FULFIL: (409, "Nothing of the order is left to ship"),
    Code.NOTHING_TO_ALLOCATE: (409, "Nothing of the order is left to allocate"),
    Code.CANCELLATION_PENDING: (409, "An earlier cancellation is not decided yet"),
    Code.CANCELLATION_REFUSED: (409, "The warehouse refused the cancellation: {message}"),
    Code.SUPERSEDED: (409, "An earlier cancellation changed the line"),
    Code.NOT_OPEN: (409, "The order is a draft"),
    Code.NOT_A_DRAFT: (409, "The order is no draft any more"),
    Code.STAGE_NOT_ALLOWED: (409, "The allocation cannot go to the stage {stage}"),
    Code.STEP_NOT_ALLOWED: (409, "The step {step} is not next"),
    Code.NOT_SHIPPED: (409, "It was not shipped"),
    Code.ALREADY_RETURNED: (409, "It came back already, or is on its way back"),
    Code.RETURN_WINDOW_CLOSED: (409, "It could be returned for {hours} hours"),
    Code.NOT_FINISHED: (409, "The cancellation or return is not finished"),
    Code.NOTHING_TO_REFUND: (409, "Nothing is left to refund"),
    Code.FULFILLMENT_FINAL: (409, "The shipment is {state}"),
    Code.NOT_COMPLETED: (409, "The order is not completed"),
    Code.ARCHIVED: (409, "The order is archived"),
    Code.NOT_ARCHIVED: (409, "The order is not archived"),
    Code.QUANTITY_OUT_OF_RANGE: (422, "{field}: the quantity must be from {minimum} to {maximum}"),
    Code.AMOUNT_OUT_OF_RANGE: (422, "{field}: the amount must be from {minimum} to {maximum}"),
    Code.DUPLICATE: (422, "{field} has already been taken"),
    Code.INVALID: (422, "{field} {problem}"),
    Code.KEY_REUSED: (422, "The Idempotency-Key was used with another request"),
    Code.BUSY: (503, "Too many changes of the order at once; try again"),
    Code.UNAVAILABLE: (503, "The service cannot be reached at the moment; try again"),
    Code.TIMED_OUT: (503, "The service took too long; try again"),
}

FAULTS: Mapping[FaultCode, tuple[int, str]] = {
    FaultCode.MALFORMED: (400, "The body is not JSON"),
    FaultCode.NOT_AN_OBJECT: (400, "The body is not a JSON object"),
    FaultCode.INVALID: (422, "The request is not valid"),
    FaultCode.MEDIA_TYPE: (415, "The Content-Type must be application/json"),
    FaultCode.TOO_LARGE: (413, "The body is too large"),
    FaultCode.NO_ROUTE: (404, "Not found"),
    FaultCode.METHOD: (405, "Method not allowed"),
    FaultCode.INTERNAL: (500, "Internal error"),
}

_RETRIED = frozenset({Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})


def render(problem: Problem) -> Reply:
    if isinstance(problem, Fault):
        status, text = FAULTS[problem.code]
        told = "; ".join(f"{detail.field} {detail.text}".strip() for detail in problem.details)
        return _error(status, problem.code, told if told and problem.code is FaultCode.INVALID else text)
    status, text = REFUSALS[problem.code]
    headers = {"Retry-After": retry_after(problem)} if problem.code in _RETRIED else None
    return _error(status, problem.code, text.format_map(_Facts(problem.facts)), headers)


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    body: wire.Error = {"error": {"code": str(code), "message": message}}
    return json(body, status, headers)


class _Facts(dict[str, object]):
    """A fact that a refusal does not carry reads as a dash, rather than failing an answer."""

    def __missing__(self, key: str) -> str:
        return "–"
