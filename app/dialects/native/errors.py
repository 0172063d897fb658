"""Native errors: RFC 9457, one row for each refusal and fault. `code` is the stable part."""

from collections.abc import Mapping

from app.core.refusal import Code, Refusal
from app.dialects.native import wire
from app.web.faults import Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json
from app.web.wording import Facts

_TYPE = "application/problem+json"

REFUSALS: Mapping[Code, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (401, "The API key is missing or not valid ({cause}); send Authorization: Bearer <key>."),
    Code.DIALECT_NOT_ALLOWED: (403, "The API key may not be used with the dialect {dialect}."),
    Code.SCOPE_MISSING: (403, "The API key lacks the scope {scope}."),
    Code.TENANT_INACTIVE: (403, "The tenant is not active."),
    Code.RATE_LIMITED: (429, "Too many requests; try again in {seconds} s."),
    Code.ORDER_NOT_FOUND: (404, "No such order."),
    Code.LINE_NOT_FOUND: (404, "{field}: no such line in this order."),
    Code.CASE_NOT_FOUND: (404, "No such request."),
    Code.ALLOCATION_NOT_FOUND: (404, "No such allocation."),
    Code.ADJUSTMENT_NOT_FOUND: (404, "{field}: no such adjustment in this order."),
    Code.LOCATION_NOT_FOUND: (404, "No such location."),
    Code.FEE_NOT_FOUND: (404, "{field}: no such fee in this order."),
    Code.FULFILLMENT_NOT_FOUND: (404, "No such fulfillment in this order."),
    Code.CREDENTIAL_NOT_FOUND: (404, "No such credential."),
    Code.SUBSCRIPTION_NOT_FOUND: (404, "No such webhook."),
    Code.DELIVERY_NOT_FOUND: (404, "No such delivery of this webhook."),
    Code.TASK_NOT_FOUND: (404, "No such task was set aside."),
    Code.ALREADY_CANCELLED: (409, "Everything that was named is cancelled already."),
    Code.ALREADY_FULFILLED: (409, "Everything that is left was shipped."),
    Code.PARTLY_FULFILLED: (409, "Part of the order was shipped: name lines, or set unfulfilled_only."),
    Code.NOTHING_TO_CANCEL: (409, "The order has no lines."),
    Code.NOTHING_TO_FULFIL: (409, "Nothing of the order is open."),
    Code.NOTHING_TO_ALLOCATE: (409, "Nothing of the order is open and unallocated."),
    Code.CANCELLATION_PENDING: (409, "Request {case_id} is not decided yet."),
    Code.CANCELLATION_REFUSED: (409, "The warehouse refused: {message}"),
    Code.SUPERSEDED: (409, "The item was changed by an earlier cancellation."),
    Code.NOT_OPEN: (409, "The order is not open."),
    Code.NOT_A_DRAFT: (409, "The order is not a draft."),
    Code.STAGE_NOT_ALLOWED: (409, "The allocation cannot go to stage {stage}."),
    Code.STEP_NOT_ALLOWED: (409, "{field}: the step {step} is not next; it is {at}."),
    Code.NOT_SHIPPED: (409, "{field}: was not shipped."),
    Code.ALREADY_RETURNED: (409, "{field}: came back already, or is on its way back."),
    Code.RETURN_WINDOW_CLOSED: (409, "{field}: could be returned for {hours} hours."),
    Code.NOT_FINISHED: (409, "{field}: is not finished."),
    Code.NOTHING_TO_REFUND: (409, "Nothing of what was paid is left to refund."),
    Code.FULFILLMENT_FINAL: (409, "The fulfillment is {state}."),
    Code.NOT_COMPLETED: (409, "The order is not completed, or it was cancelled."),
    Code.ARCHIVED: (409, "The order is archived."),
    Code.NOT_ARCHIVED: (409, "The order is not archived."),
    Code.QUANTITY_OUT_OF_RANGE: (422, "{field}: the quantity must be from {minimum} to {maximum}."),
    Code.AMOUNT_OUT_OF_RANGE: (422, "{field}: the amount must be at least {minimum}, at most the {maximum} left."),
    Code.DUPLICATE: (409, "{field}: belongs to another order already."),
    Code.INVALID: (422, "{field}: {problem}."),
    Code.KEY_REUSED: (422, "The Idempotency-Key was used with another request."),
    Code.BUSY: (503, "Others change the same order right now; try again."),
    Code.UNAVAILABLE: (503, "The database cannot be reached; try again."),
    Code.TIMED_OUT: (504, "The database took too long; try again with the same Idempotency-Key."),
}

FAULTS: Mapping[FaultCode, tuple[int, str]] = {
    FaultCode.MALFORMED: (400, "The body is not JSON."),
    FaultCode.NOT_AN_OBJECT: (400, "The body is not a JSON object."),
    FaultCode.INVALID: (422, "The request is not valid."),
    FaultCode.MEDIA_TYPE: (415, "The body must be application/json, a stream application/x-ndjson."),
    FaultCode.TOO_LARGE: (413, "The body is too large."),
    FaultCode.NO_ROUTE: (404, "No such route."),
    FaultCode.METHOD: (405, "The route does not have this method."),
    FaultCode.INTERNAL: (500, "Something unexpected happened; X-Request-Id names the request in our logs."),
}


def body(problem: Problem, words: str | None = None) -> wire.Problem:
    """`words` are other ones for a refusal, where a route needs its own."""
    if isinstance(problem, Refusal):
        status, text = REFUSALS[problem.code]
        detail = _worded(words or text, problem)
    else:
        status, detail = FAULTS[problem.code]
    shown: wire.Problem = {
        "type": "about:blank",
        "title": problem.code.value.replace("_", " ").capitalize(),
        "status": status,
        "code": problem.code.value,
        "detail": detail,
    }
    if isinstance(problem, Fault) and problem.details:
        shown["errors"] = [{"field": d.field or "body", "message": d.text} for d in problem.details]
    return shown


def render(problem: Problem, words: str | None = None) -> Reply:
    shown = body(problem, words)
    headers = {"Retry-After": retry_after(problem)} if shown["status"] in {429, 503, 504} else {}
    if shown["status"] == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return json(shown, shown["status"], headers, _TYPE)


def _worded(text: str, refusal: Refusal) -> str:
    """A refusal that is about no field in particular begins with what is the matter."""
    if "field" in refusal.facts and refusal.facts["field"] is None:
        text = text.removeprefix("{field}: ")
        text = text[:1].upper() + text[1:]
    if "unless" in refusal.facts:
        text = text.replace("{problem}", "{problem}; {unless}")
    return text.format_map(Facts(refusal.facts))
