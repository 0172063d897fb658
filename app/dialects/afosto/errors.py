"""Afosto's errors (contract 4.1): one row for each refusal and fault.

An answer is 200 with `errors` once it is clear what is asked, a missing key included; what is no GraphQL request at
all (no JSON, no such path) has a status of its own and the same body. There is no code for conflicts: what the state
of an order forbids is a VALIDATION_ERROR.
"""

from collections.abc import Mapping
from typing import Any

from app.core.refusal import Code, Refusal
from app.web.faults import Fault, FaultCode, Problem
from app.web.graphql import Shown
from app.web.reply import Reply, json
from app.web.wording import Facts

UNAUTHORIZED, FORBIDDEN, NOT_FOUND = "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"
INVALID, LIMITED, INTERNAL = "VALIDATION_ERROR", "RATE_LIMITED", "INTERNAL_SERVER_ERROR"
STATUSES: Mapping[str, int] = {
    UNAUTHORIZED: 401,
    FORBIDDEN: 403,
    NOT_FOUND: 404,
    INVALID: 422,
    LIMITED: 429,
    INTERNAL: 500,
}
"""`extensions.status`: Afosto's own storefront looks at it, not at the code."""

REFUSALS: Mapping[Code, tuple[str, str]] = {
    Code.UNAUTHENTICATED: (UNAUTHORIZED, "Unauthorized"),  # public docs
    Code.DIALECT_NOT_ALLOWED: (UNAUTHORIZED, "Unauthorized"),
    Code.TENANT_INACTIVE: (UNAUTHORIZED, "Unauthorized"),
    Code.SCOPE_MISSING: (FORBIDDEN, "The key lacks the scope {scope}"),
    Code.RATE_LIMITED: (LIMITED, "Too many requests"),  # public docs
    Code.ORDER_NOT_FOUND: (NOT_FOUND, "Order not found"),
    Code.LINE_NOT_FOUND: (NOT_FOUND, "Item not found"),
    Code.CASE_NOT_FOUND: (NOT_FOUND, "Request not found"),
    Code.ALLOCATION_NOT_FOUND: (NOT_FOUND, "Allocation not found"),
    Code.ADJUSTMENT_NOT_FOUND: (NOT_FOUND, "Item not found"),
    Code.LOCATION_NOT_FOUND: (NOT_FOUND, "Inventory location not found"),
    Code.FEE_NOT_FOUND: (NOT_FOUND, "Fee not found"),
    Code.FULFILLMENT_NOT_FOUND: (NOT_FOUND, "Parcel not found"),
    Code.CREDENTIAL_NOT_FOUND: (NOT_FOUND, "API key not found"),
    Code.SUBSCRIPTION_NOT_FOUND: (NOT_FOUND, "Webhook not found"),
    Code.DELIVERY_NOT_FOUND: (NOT_FOUND, "Message not found"),
    Code.TASK_NOT_FOUND: (NOT_FOUND, "Task not found"),
    Code.ALREADY_CANCELLED: (INVALID, "The item is cancelled already"),
    Code.ALREADY_FULFILLED: (INVALID, "The item was shipped: return it"),
    Code.PARTLY_FULFILLED: (INVALID, "Part of the order was shipped"),
    Code.NOTHING_TO_CANCEL: (INVALID, "The order has no items"),
    Code.NOTHING_TO_FULFIL: (INVALID, "Nothing of the order is left to ship"),
    Code.NOTHING_TO_ALLOCATE: (INVALID, "Nothing of the order is left to hand to a location"),
    Code.CANCELLATION_PENDING: (INVALID, "The item is being cancelled already"),
    Code.CANCELLATION_REFUSED: (INVALID, "The warehouse refused the cancellation: {message}"),
    Code.SUPERSEDED: (INVALID, "The item was changed by an earlier cancellation"),
    Code.NOT_OPEN: (INVALID, "The order is CONCEPT: openOrder comes first"),
    Code.NOT_A_DRAFT: (INVALID, "The order is not CONCEPT any more"),
    Code.STAGE_NOT_ALLOWED: (INVALID, "The warehouse is past that: {stage}"),
    Code.STEP_NOT_ALLOWED: (INVALID, "The item cannot be {step}: {at}"),
    Code.NOT_SHIPPED: (INVALID, "The item was not shipped: cancel it"),
    Code.ALREADY_RETURNED: (INVALID, "The item came back already, or is on its way back"),
    Code.RETURN_WINDOW_CLOSED: (INVALID, "The item could be returned for {hours} hours"),
    Code.NOT_FINISHED: (INVALID, "The item is not finished"),
    Code.NOTHING_TO_REFUND: (INVALID, "Nothing is left to refund"),
    Code.FULFILLMENT_FINAL: (INVALID, "The parcel is {state}"),
    Code.NOT_COMPLETED: (INVALID, "The order is not CLOSED"),
    Code.ARCHIVED: (INVALID, "The order is archived"),
    Code.NOT_ARCHIVED: (INVALID, "The order is not archived"),
    Code.QUANTITY_OUT_OF_RANGE: (INVALID, "The quantity must be from {minimum} to {maximum}"),
    Code.AMOUNT_OUT_OF_RANGE: (INVALID, "The amount is more than the {maximum} that are left of the fee"),
    Code.DUPLICATE: (INVALID, "The id is taken"),
    Code.INVALID: (INVALID, "{field} {problem}"),
    Code.KEY_REUSED: (INVALID, "Idempotency-Key was used with another request"),
    Code.BUSY: (LIMITED, "Too many changes of the order at once; try again"),
    Code.UNAVAILABLE: (INTERNAL, "The service cannot be reached at the moment; try again"),
    Code.TIMED_OUT: (INTERNAL, "The service took too long; try again"),
}

FAULTS: Mapping[FaultCode, tuple[int, str, str]] = {
    FaultCode.MALFORMED: (400, INVALID, "The body is not valid JSON"),
    FaultCode.NOT_AN_OBJECT: (400, INVALID, "The body is not a JSON object"),
    FaultCode.INVALID: (400, INVALID, "The request is not valid"),
    FaultCode.MEDIA_TYPE: (415, INVALID, "The Content-Type must be application/json"),
    FaultCode.TOO_LARGE: (413, INVALID, "The body is too large"),
    FaultCode.NO_ROUTE: (404, NOT_FOUND, "Not found"),
    FaultCode.METHOD: (405, INVALID, "Method not allowed"),
    FaultCode.INTERNAL: (500, INTERNAL, "Internal server error"),
}

TOLD = frozenset({*Code, FaultCode.INTERNAL})
"""What is answered as GraphQL answers, before it runs as well as within: the client drops the body of any other."""

_KINDS = "application/json; charset=utf-8"
# What the core calls a field, and what the client does.
_FIELDS = {
    "lines": "items",
    "adjustment_ids": "items",
    "contra": "items",
    "parent_id": "parent",
    "reason_code": "items.0.reason",
}
# The part of an entry that such a refusal is about, where the core names the whole.
_PARTS = {Code.AMOUNT_OUT_OF_RANGE: "amount", Code.DUPLICATE: "contra_item_id", Code.LOCATION_NOT_FOUND: "location_id"}
_STEPS = {"credit_fees": "credited with fees"}
_AT = {
    "requested": "a warehouse has still to agree",
    "announced": "it has to be received first",
    "received": "it is received, and needs no approval",
    "awaiting_approval": "it waits for approval",
    "approved": "it is approved",
    "restocked": "it is restocked",
    "finished": "it is finished",
    "rejected": "the warehouse refused to cancel it, or it was withdrawn",
    "given_up": "the warehouse has given it up",
    "untracked": "the order does not track inventory",
}


def render(problem: Problem) -> Reply:
    """An answer without GraphQL, with the status for who asks for its own media type."""
    shown = show(problem)
    status = FAULTS[problem.code][0] if isinstance(problem, Fault) else STATUSES[shown.code]
    error = {"message": shown.message, "extensions": {"code": shown.code, **shown.more, "status": status}}
    return json({"data": None, "errors": [error]}, status, media_type=_KINDS)


def show(problem: Problem) -> Shown:
    """An entry of `errors`."""
    if isinstance(problem, Fault):
        _, code, text = FAULTS[problem.code]
        told = "; ".join(f"{detail.field} {detail.text}".strip() for detail in problem.details)
        field = problem.details[0].field if problem.details else None
        return Shown(told or text, code, _more(code, field))
    code, text = REFUSALS[problem.code]
    field = _field(problem)
    facts = Facts({**problem.facts, "field": field or "-"})
    if "step" in facts:
        facts["step"] = _STEPS.get(str(facts["step"]), facts["step"])
        facts["at"] = _AT.get(str(facts.get("at")), "order.actions says what is next")
    return Shown(text.format_map(facts), code, _more(code, field))


def _more(code: str, field: str | None) -> dict[str, Any]:
    return {**({"field": field} if field else {}), "status": STATUSES[code]}


def _field(refusal: Refusal) -> str | None:
    named = refusal.facts.get("field")
    if named is None:
        return None
    field = ".".join(_FIELDS.get(part, part) for part in str(named).split("."))
    part = _PARTS.get(refusal.code)
    return f"{field.rpartition('.')[0]}.{part}" if part and "." in field else field
