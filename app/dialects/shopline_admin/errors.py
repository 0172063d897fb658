"""SHOPLINE's errors (contract 4.1 and 4.2): one row for each refusal and fault. A body has one key, `errors`, a text.
What the state of an order forbids is 422, well formed but wrong in meaning; the texts are ours (gaps 1 and 6)."""

from collections.abc import Mapping

from app.core.refusal import Code, Refusal
from app.dialects.shopline_admin.envelopes import ErrorText
from app.web.currency import decimal_text
from app.web.faults import Detail, Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json
from app.web.wording import Facts

REFUSALS: Mapping[Code, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (401, "The access token is missing or not valid."),
    Code.DIALECT_NOT_ALLOWED: (401, "The access token is missing or not valid."),
    Code.SCOPE_MISSING: (403, "This action requires {scope} scope"),
    Code.TENANT_INACTIVE: (402, "The store is frozen."),
    Code.RATE_LIMITED: (429, "Too many requests; try again in {seconds} s."),
    Code.ORDER_NOT_FOUND: (404, "The order does not exist."),
    Code.LINE_NOT_FOUND: (404, "{field}: the line item does not exist."),
    Code.CASE_NOT_FOUND: (404, "The refund does not exist."),
    Code.ALLOCATION_NOT_FOUND: (404, "The fulfillment order does not exist."),
    Code.ADJUSTMENT_NOT_FOUND: (404, "The cancellation or return does not exist."),
    Code.LOCATION_NOT_FOUND: (404, "The location does not exist."),
    Code.FEE_NOT_FOUND: (404, "The fee does not exist."),
    Code.FULFILLMENT_NOT_FOUND: (404, "The fulfillment does not exist."),
    Code.CREDENTIAL_NOT_FOUND: (404, "The access token does not exist."),
    Code.SUBSCRIPTION_NOT_FOUND: (404, "The webhook does not exist."),
    Code.DELIVERY_NOT_FOUND: (404, "The message does not exist."),
    Code.TASK_NOT_FOUND: (404, "The task does not exist."),
    Code.ALREADY_CANCELLED: (422, "The order is cancelled already."),
    Code.ALREADY_FULFILLED: (422, "The order is shipped: cancel the fulfillment first."),
    Code.PARTLY_FULFILLED: (422, "Part of the order is shipped: cancel the fulfillment first."),
    Code.NOTHING_TO_CANCEL: (422, "The order has no line items."),
    Code.NOTHING_TO_FULFIL: (422, "Nothing of the order is left to ship."),
    Code.NOTHING_TO_ALLOCATE: (422, "Nothing of the order is left to allocate."),
    Code.CANCELLATION_PENDING: (422, "An earlier cancellation ({case_id}) is not decided yet."),
    Code.CANCELLATION_REFUSED: (422, "The warehouse refused the cancellation: {message}"),
    Code.SUPERSEDED: (422, "{field}: an earlier cancellation changed the line item."),
    Code.NOT_OPEN: (422, "The order is not placed yet."),
    Code.NOT_A_DRAFT: (422, "The order is placed already."),
    Code.STAGE_NOT_ALLOWED: (422, "The fulfillment order cannot go to {stage}."),
    Code.STEP_NOT_ALLOWED: (422, "The step {step} is not next."),
    Code.NOT_SHIPPED: (422, "{field}: was not shipped."),
    Code.ALREADY_RETURNED: (422, "It came back already, or is on its way back."),
    Code.RETURN_WINDOW_CLOSED: (422, "{field}: could be returned for {hours} hours."),
    Code.NOT_FINISHED: (422, "The cancellation or return is not finished."),
    Code.NOTHING_TO_REFUND: (422, "Nothing is left to refund."),
    Code.FULFILLMENT_FINAL: (422, "The fulfillment is {state}."),
    Code.NOT_COMPLETED: (422, "The order cannot be archived: it is open or cancelled."),
    Code.ARCHIVED: (422, "The order is archived already."),
    Code.NOT_ARCHIVED: (422, "The order is not archived."),
    Code.QUANTITY_OUT_OF_RANGE: (422, "{field}: only {maximum} left."),
    Code.AMOUNT_OUT_OF_RANGE: (422, "{field}: only {maximum} left to refund."),
    Code.DUPLICATE: (422, "{field} has already been taken."),
    Code.INVALID: (422, "{field} {problem}"),
    Code.KEY_REUSED: (422, "The Idempotency-Key was used with another request."),
    Code.BUSY: (503, "Too many changes of the order at once; try again."),
    Code.UNAVAILABLE: (503, "The service cannot be reached at the moment; try again."),
    Code.TIMED_OUT: (504, "The service took too long; try again."),
}

FAULTS: Mapping[FaultCode, tuple[int, str]] = {
    FaultCode.MALFORMED: (400, "The body is not JSON."),
    FaultCode.NOT_AN_OBJECT: (400, "The body is not a JSON object."),
    FaultCode.INVALID: (400, "Bad request."),
    FaultCode.MEDIA_TYPE: (400, "The Content-Type must be application/json; charset=utf-8."),
    FaultCode.TOO_LARGE: (413, "The body is too large."),
    FaultCode.NO_ROUTE: (404, "There is no such resource."),
    FaultCode.METHOD: (405, "The resource does not have this method."),
    FaultCode.INTERNAL: (500, "Internal error."),
}

_RETRIED = frozenset({Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})
# 1.2: plural; that of webhooks is not public.
_SCOPES = {"fulfil_orders": "write_assigned_fulfillment_orders", "manage_webhooks": "write_webhooks"}
# What the core calls a field, and what the client does.
_FIELDS = {"url": "webhook.address", "topics.0": "webhook.topic", "fees": "shipping.amount"}
_STATES = {"shipped": "success", "delivered": "delivered", "void": "cancelled"}


def render(problem: Problem) -> Reply:
    if isinstance(problem, Fault):
        status, text = FAULTS[problem.code]
        if problem.code is FaultCode.MEDIA_TYPE and problem.details:
            text = "; ".join(map(_sentence, problem.details))
        if problem.code is FaultCode.INVALID and problem.details:
            status, text = _status(problem.details), "; ".join(map(_sentence, problem.details))
        return _error(status, text)
    status, text = REFUSALS[problem.code]
    headers = {"Retry-After": retry_after(problem)} if problem.code in _RETRIED else None
    return _error(status, text.format_map(_facts(problem)), headers)


def _error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Reply:
    body: ErrorText = {"errors": text}
    return json(body, status, headers)


def _status(details: tuple[Detail, ...]) -> int:
    """A wrong parameter type is 400, a wrong meaning 422 (4.2)."""
    return 400 if any(detail.where == "header" or detail.wrong_type for detail in details) else 422


def _sentence(detail: Detail) -> str:
    if detail.field == "fulfillment_status" and detail.kind == "literal_error":
        return "fulfillment status value is illegal"  # public docs, 1.5
    text = detail.text.removeprefix("value error, ").removeprefix("input ").replace("should", "must", 1)
    return f"{detail.field} is required" if detail.kind == "missing" else f"{detail.field} {text}"


def _facts(refusal: Refusal) -> Facts:
    facts = Facts(refusal.facts)
    if "currency" in facts:
        facts["maximum"] = decimal_text(int(str(facts["maximum"])), str(facts["currency"]))
    for name, table in (("scope", _SCOPES), ("field", _FIELDS), ("state", _STATES)):
        if name in facts:
            facts[name] = table.get(str(facts[name]), facts[name])
    return facts
