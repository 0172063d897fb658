"""Convictional's errors (contract 4.1): `{"errors": {"<field>": ["<text>"]}}`, `general` if no parameter is at fault.

Neither 403 nor 409 exists there: whoever may not is 401, what the state forbids 422.
"""

from collections.abc import Mapping

from app.core.refusal import Code, Refusal
from app.dialects.convictional import billing, bodies, wire
from app.web.faults import Detail, Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json
from app.web.wording import Facts

GENERAL = "general"
_TRY_AGAIN = frozenset({Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})
_FIELDS = frozenset(
    field.alias
    for model in (
        bodies.OrderCancellation,
        bodies.OrderItemCancellation,
        bodies.FulfillmentIn,
        bodies.RefundIn,
        bodies.InvoiceIn,
        bodies.OrderPatch,
        bodies.OrdersQuery,
        bodies.WebhookIn,
    )
    for field in model.model_fields.values()
)
_OF_A_FIELD = frozenset({Code.QUANTITY_OUT_OF_RANGE, Code.AMOUNT_OUT_OF_RANGE, Code.DUPLICATE, Code.INVALID})
_NAMES = {"url": "targetUrl"}
_BILLED = {
    billing.INVOICE: "The order is billed by an invoice.",
    billing.OUTSIDE: "The order is billed already.",
    "": "The order is not billed.",
}

_REFUSALS: Mapping[Code, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (401, "The API key is missing or not valid."),
    Code.DIALECT_NOT_ALLOWED: (401, "The API key may not be used with this API."),
    Code.SCOPE_MISSING: (401, "The API key may not do this."),
    Code.TENANT_INACTIVE: (401, "The company is not active."),
    Code.RATE_LIMITED: (429, "Too many requests; try again in {seconds} s."),  # 4.2, inferred
    Code.ORDER_NOT_FOUND: (404, "Order not found."),
    Code.LINE_NOT_FOUND: (404, "Item not found."),
    Code.CASE_NOT_FOUND: (404, "Request not found."),
    Code.ALLOCATION_NOT_FOUND: (404, "Allocation not found."),
    Code.ADJUSTMENT_NOT_FOUND: (404, "Adjustment not found."),
    Code.LOCATION_NOT_FOUND: (404, "Location not found."),
    Code.FEE_NOT_FOUND: (404, "Fee not found."),
    Code.FULFILLMENT_NOT_FOUND: (404, "Fulfillment not found."),
    Code.CREDENTIAL_NOT_FOUND: (404, "API key not found."),
    Code.SUBSCRIPTION_NOT_FOUND: (404, "Webhook not found."),
    Code.DELIVERY_NOT_FOUND: (404, "Event not found."),
    Code.TASK_NOT_FOUND: (404, "Task not found."),
    Code.ALREADY_CANCELLED: (422, "It is cancelled already."),
    Code.ALREADY_FULFILLED: (422, "It is fulfilled already."),
    Code.PARTLY_FULFILLED: (422, "Part of the order is fulfilled: set unfulfilledOnly to cancel the rest."),
    Code.NOTHING_TO_CANCEL: (422, "The order has no items to cancel."),
    Code.NOTHING_TO_FULFIL: (422, "The order has nothing left to fulfill."),
    Code.NOTHING_TO_ALLOCATE: (422, "The order has nothing left to allocate."),
    Code.CANCELLATION_PENDING: (422, "An earlier cancellation is not decided yet."),
    Code.CANCELLATION_REFUSED: (422, "The warehouse refused: {message}"),
    Code.SUPERSEDED: (422, "The item is cancelled already."),
    Code.NOT_OPEN: (422, "The order is not posted yet."),
    Code.NOT_A_DRAFT: (422, "The order is posted already."),
    Code.STAGE_NOT_ALLOWED: (422, "The allocation cannot go there."),
    Code.STEP_NOT_ALLOWED: (422, "This step is not next."),
    Code.NOT_SHIPPED: (422, "It is not shipped yet."),
    Code.ALREADY_RETURNED: (422, "It came back already, or is on its way back."),
    Code.RETURN_WINDOW_CLOSED: (422, "It can be returned for {hours} hours only."),
    Code.NOT_FINISHED: (422, "The cancellation or return is not finished yet."),
    Code.NOTHING_TO_REFUND: (422, "Nothing that was paid is left to refund."),
    Code.FULFILLMENT_FINAL: (422, "The fulfillment is {state}."),
    Code.NOT_COMPLETED: (422, "The order is not completed."),
    Code.ARCHIVED: (422, "The order is archived."),
    Code.NOT_ARCHIVED: (422, "The order is not archived."),
    Code.QUANTITY_OUT_OF_RANGE: (422, "The quantity must be from {minimum} to {maximum}."),
    Code.AMOUNT_OUT_OF_RANGE: (422, "The amount must be from {minimum} to {maximum} cents."),
    Code.DUPLICATE: (422, "It was given twice."),
    Code.INVALID: (422, "{problem}"),
    Code.KEY_REUSED: (422, "The Idempotency-Key was used with another request."),
    Code.BUSY: (500, "Others change the same order right now; try again."),
    Code.UNAVAILABLE: (500, "Temporarily unavailable; try again."),
    Code.TIMED_OUT: (500, "It took too long; read the order before you try again."),
}

_FAULTS: Mapping[FaultCode, tuple[int, str]] = {
    FaultCode.MALFORMED: (400, "The body is not JSON."),
    FaultCode.NOT_AN_OBJECT: (400, "The body is not a JSON object."),
    FaultCode.INVALID: (422, "The request is not valid."),
    FaultCode.MEDIA_TYPE: (415, "The Content-Type must be application/json."),
    FaultCode.TOO_LARGE: (413, "The body is too large."),
    FaultCode.NO_ROUTE: (404, "Not found."),
    FaultCode.METHOD: (405, "Method not allowed."),
    FaultCode.INTERNAL: (500, "Something unexpected happened; X-Request-Id names the request in our logs."),
}


def render(problem: Problem) -> Reply:
    if isinstance(problem, Refusal):
        status, errors = _of_refusal(problem)
    else:
        status, errors = _of_fault(problem)
    body: wire.Errors = {"errors": errors}
    return json(body, status, {"Retry-After": retry_after(problem)} if problem.code in _TRY_AGAIN else {})


def _of_refusal(refusal: Refusal) -> tuple[int, dict[str, list[str]]]:
    status, text = _REFUSALS[refusal.code]
    shown = text.format_map(Facts(refusal.facts))
    field = str(refusal.facts.get("field", ""))
    if field == billing.BILLING:  # an extra of ours, and what it was found to be
        return status, {GENERAL: [_BILLED[str(refusal.facts.get("found", ""))]]}
    if field == "refunds":
        return status, {GENERAL: ["Money went back already."]}
    if (refusal.facts.get("minimum"), refusal.facts.get("maximum")) == (1, 0):
        shown = "Nothing is left of it."
    field = _NAMES.get(field, field)
    if refusal.code is Code.LINE_NOT_FOUND and _root(field) == "items":
        # In a path an unknown item is not found; in a fulfillment it is a wrong value (contract 2.4, inferred).
        return 422, {"items": [f"{field}: no item of the order has this sku or id."]}
    if refusal.code in _OF_A_FIELD:
        return status, {_root(field): [shown if _root(field) in {field, GENERAL} else f"{field}: {shown}"]}
    return status, {GENERAL: [shown]}


_DETAILED = frozenset({FaultCode.INVALID, FaultCode.MEDIA_TYPE})


def _of_fault(fault: Fault) -> tuple[int, dict[str, list[str]]]:
    status, text = _FAULTS[fault.code]
    if fault.code not in _DETAILED or not fault.details:
        return status, {GENERAL: [text]}
    errors: dict[str, list[str]] = {}
    for detail in fault.details:
        errors.setdefault(_key(detail), []).append(f"{detail.field}: {detail.text}")
    return status, errors


def _key(detail: Detail) -> str:
    return GENERAL if detail.where == "header" else _root(detail.field)


def _root(field: str) -> str:
    """`items.0.quantity` is a matter of the parameter `items`; what is no parameter of ours is nobody's."""
    name = field.partition(".")[0]
    return name if name in _FIELDS else GENERAL
