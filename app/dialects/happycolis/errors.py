"""HappyColis' errors (contract 5.1 and 5.2): one row for each refusal and fault.

Before GraphQL runs (no token, no JSON, no such route) an answer is `{"statusCode", "message"}` (inferred from the body
of 429); all else is 200 with `errors`. What the state of an order forbids is told by the answer itself where it has
words for it: `REJECTED` of a DispatchableRequest, `error` of a MutationResult.
"""

from collections.abc import Mapping

from app.core.refusal import Code, Refusal
from app.web.faults import Fault, FaultCode, Problem, retry_after
from app.web.graphql import Shown
from app.web.reply import Reply, json
from app.web.wording import Facts

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"  # public docs; 5.1 of the three words
BAD_INPUT, INTERNAL = "BAD_USER_INPUT", "INTERNAL_SERVER_ERROR"  # Apollo's own (inferred)
CONFLICT, UNAVAILABLE, LIMITED = "CONFLICT", "SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS"  # ours

REFUSALS: Mapping[Code, tuple[str, str]] = {
    Code.UNAUTHENTICATED: (UNAUTHORIZED, "Unauthorized"),
    Code.DIALECT_NOT_ALLOWED: (UNAUTHORIZED, "Unauthorized"),
    Code.TENANT_INACTIVE: (UNAUTHORIZED, "Unauthorized"),
    Code.SCOPE_MISSING: (FORBIDDEN, "Insufficient scope: {scope} required"),
    Code.RATE_LIMITED: (LIMITED, "Too many requests. Please retry after {seconds} seconds."),  # 5.3, public docs
    Code.ORDER_NOT_FOUND: (NOT_FOUND, "Order not found"),
    Code.LINE_NOT_FOUND: (NOT_FOUND, "Order line not found ({field})"),
    Code.CASE_NOT_FOUND: (NOT_FOUND, "Dispatchable request not found"),
    Code.ALLOCATION_NOT_FOUND: (NOT_FOUND, "Delivery order not found"),
    Code.ADJUSTMENT_NOT_FOUND: (NOT_FOUND, "Adjustment not found"),
    Code.LOCATION_NOT_FOUND: (NOT_FOUND, "Location not found"),
    Code.FEE_NOT_FOUND: (NOT_FOUND, "Fee not found"),
    Code.FULFILLMENT_NOT_FOUND: (NOT_FOUND, "Shipment not found"),
    Code.CREDENTIAL_NOT_FOUND: (NOT_FOUND, "Application not found"),
    Code.SUBSCRIPTION_NOT_FOUND: (NOT_FOUND, "Webhook not found"),
    Code.DELIVERY_NOT_FOUND: (NOT_FOUND, "Message not found"),
    Code.TASK_NOT_FOUND: (NOT_FOUND, "Task not found"),
    Code.ALREADY_CANCELLED: (CONFLICT, "It is cancelled already"),
    Code.ALREADY_FULFILLED: (CONFLICT, "Nothing can be cancelled: all that was not cancelled was shipped"),
    Code.PARTLY_FULFILLED: (CONFLICT, "Part of the order was shipped"),
    Code.NOTHING_TO_CANCEL: (CONFLICT, "The order has no lines to cancel"),
    Code.NOTHING_TO_FULFIL: (CONFLICT, "Nothing of the order is left to ship"),
    Code.NOTHING_TO_ALLOCATE: (CONFLICT, "No location has, or can be given, units that it was not asked for yet"),
    Code.CANCELLATION_PENDING: (CONFLICT, "An earlier cancellation is not decided yet"),
    Code.CANCELLATION_REFUSED: (CONFLICT, "The fulfilment service refused the cancellation: {message}"),
    Code.SUPERSEDED: (CONFLICT, "An earlier cancellation changed the line ({field})"),
    Code.NOT_OPEN: (CONFLICT, "The order is not in the state OPENED"),
    Code.NOT_A_DRAFT: (CONFLICT, "The order is not a draft any more"),
    Code.STAGE_NOT_ALLOWED: (CONFLICT, "Fulfilment does not allow it: {stage}"),
    Code.STEP_NOT_ALLOWED: (CONFLICT, "The order does not allow it: {step}"),
    Code.NOT_SHIPPED: (CONFLICT, "It was not shipped"),
    Code.ALREADY_RETURNED: (CONFLICT, "It came back already, or is on its way back"),
    Code.RETURN_WINDOW_CLOSED: (CONFLICT, "It could be returned for {hours} hours"),
    Code.NOT_FINISHED: (CONFLICT, "The cancellation or return is not finished"),
    Code.NOTHING_TO_REFUND: (CONFLICT, "Nothing is left to refund"),
    Code.FULFILLMENT_FINAL: (CONFLICT, "The shipment is {state}"),
    Code.NOT_COMPLETED: (CONFLICT, "The order is not in the state COMPLETED"),
    Code.ARCHIVED: (CONFLICT, "The order is archived"),
    Code.NOT_ARCHIVED: (CONFLICT, "The order is not archived"),
    Code.QUANTITY_OUT_OF_RANGE: (BAD_INPUT, "{field}: the quantity must be from {minimum} to {maximum}"),
    Code.AMOUNT_OUT_OF_RANGE: (BAD_INPUT, "{field}: the amount must be from {minimum} to {maximum}"),
    Code.DUPLICATE: (BAD_INPUT, "{field} has already been taken"),
    Code.INVALID: (BAD_INPUT, "{field} {problem}"),
    Code.KEY_REUSED: (BAD_INPUT, "Idempotency-Key was used with another request"),
    Code.BUSY: (UNAVAILABLE, "Too many changes of it at once; try again"),
    Code.UNAVAILABLE: (UNAVAILABLE, "The service cannot be reached at the moment; try again"),
    Code.TIMED_OUT: (UNAVAILABLE, "The service took too long; try again"),
}

FAULTS: Mapping[FaultCode, tuple[int, str, str]] = {
    FaultCode.MALFORMED: (400, BAD_INPUT, "The body is not valid JSON"),
    FaultCode.NOT_AN_OBJECT: (400, BAD_INPUT, "The body is not a JSON object"),
    FaultCode.INVALID: (400, BAD_INPUT, "Bad Request"),
    FaultCode.MEDIA_TYPE: (415, BAD_INPUT, "The Content-Type must be application/json"),
    FaultCode.TOO_LARGE: (413, BAD_INPUT, "The body is too large"),
    FaultCode.NO_ROUTE: (404, NOT_FOUND, "Not Found"),
    FaultCode.METHOD: (405, BAD_INPUT, "Method Not Allowed"),
    FaultCode.INTERNAL: (500, INTERNAL, "Internal server error"),
}

# Where no GraphQL answer is possible: 5.2, and 403 and 404 for what it does not know outside of GraphQL.
_STATUSES = {
    UNAUTHORIZED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    BAD_INPUT: 400,
    CONFLICT: 400,
    LIMITED: 429,
    UNAVAILABLE: 500,
}
# What the core calls a field, and what the client does.
_FIELDS = {
    "url": "endPoint",
    "topics.0": "type",
    "keys": "externalReference",
    "dialect": "type",
}
# Why a delivery order cannot get to a stage, an order cannot take a step.
_WHY = {
    "planned": "it is not a draft any more",
    "opened": "it is past that",
    "requested": "the order is on hold, or it is past that",
    "cancelled": "it is cancelled, or its fulfilment service would have to agree",
    "hold": "it is on hold already",
    "resume": "it is not on hold",
}


def render(problem: Problem) -> Reply:
    """An answer without GraphQL."""
    shown = show(problem)
    status = FAULTS[problem.code][0] if isinstance(problem, Fault) else _STATUSES[shown.code]
    headers = {"Retry-After": retry_after(problem)} if shown.code in {LIMITED, UNAVAILABLE} else {}
    return json({"statusCode": status, "message": shown.message}, status, headers)


_DETAILED = frozenset({FaultCode.INVALID, FaultCode.MEDIA_TYPE})


def show(problem: Problem) -> Shown:
    """An entry of `errors`."""
    if isinstance(problem, Fault):
        _, code, text = FAULTS[problem.code]
        told = "; ".join(f"{detail.field} {detail.text}" for detail in problem.details)
        return Shown(told if told and problem.code in _DETAILED else text, code)
    code, text = REFUSALS[problem.code]
    return Shown(text.format_map(_facts(problem)), code)


def in_band(refusal: Refusal) -> bool:
    """Whether an answer that has a state of its own says it, rather than an error."""
    return REFUSALS[refusal.code][0] == CONFLICT


def _facts(refusal: Refusal) -> Facts:
    facts = Facts(refusal.facts)
    for name, table in (("field", _FIELDS), ("stage", _WHY), ("step", _WHY)):
        if name in facts:
            facts[name] = table.get(str(facts[name]), facts[name])
    return facts
