"""Shopline's errors (contract 4.1 and 4.2): one row for each refusal and fault. A body has `error` or `errors`, never
both. Authentication failure is 400 (seed); the words of a 500 are gRPC's (seed); other texts are ours (inferred)."""

from collections.abc import Mapping

from app.core.model import FulfillmentState
from app.core.refusal import Code, Refusal
from app.dialects.shopline.envelopes import ErrorFields, ErrorList, ErrorText
from app.dialects.shopline.goods import STATES
from app.web.currency import decimal_text
from app.web.faults import Detail, Fault, FaultCode, Problem, retry_after
from app.web.reply import Reply, json
from app.web.wording import Facts

_NOT_FOUND = (404, "Unable to find resource")  # seed, the OAS text of the cancel route

REFUSALS: Mapping[Code, tuple[int, str]] = {
    Code.UNAUTHENTICATED: (400, "Unauthorized"),
    Code.DIALECT_NOT_ALLOWED: (400, "Unauthorized"),
    Code.SCOPE_MISSING: (403, "access denied: the token lacks the scope {scope}"),
    Code.TENANT_INACTIVE: (400, "store is not active"),
    Code.RATE_LIMITED: (429, "Too Many Requests"),  # 4.3, public docs
    Code.ORDER_NOT_FOUND: _NOT_FOUND,
    Code.LINE_NOT_FOUND: (404, "Unable to find resource: {field}"),
    Code.CASE_NOT_FOUND: _NOT_FOUND,
    Code.ALLOCATION_NOT_FOUND: _NOT_FOUND,
    Code.ADJUSTMENT_NOT_FOUND: _NOT_FOUND,
    Code.LOCATION_NOT_FOUND: _NOT_FOUND,
    Code.FEE_NOT_FOUND: _NOT_FOUND,
    Code.FULFILLMENT_NOT_FOUND: _NOT_FOUND,
    Code.CREDENTIAL_NOT_FOUND: _NOT_FOUND,
    Code.SUBSCRIPTION_NOT_FOUND: _NOT_FOUND,
    Code.DELIVERY_NOT_FOUND: _NOT_FOUND,
    Code.TASK_NOT_FOUND: _NOT_FOUND,
    Code.ALREADY_CANCELLED: (406, "the order is cancelled already"),
    Code.ALREADY_FULFILLED: (406, "nothing can be cancelled: all that is left of the order was shipped"),
    Code.PARTLY_FULFILLED: (406, "part of the order was shipped"),
    Code.NOTHING_TO_CANCEL: (406, "the order has no line items"),
    Code.NOTHING_TO_FULFIL: (406, "nothing of the order is left to ship"),
    Code.NOTHING_TO_ALLOCATE: (406, "nothing of the order is left to allocate"),
    Code.CANCELLATION_PENDING: (406, "an earlier cancellation ({case_id}) is not decided yet"),
    Code.CANCELLATION_REFUSED: (406, "the warehouse refused the cancellation: {message}"),
    Code.SUPERSEDED: (406, "{field}: an earlier cancellation changed the line item"),
    Code.NOT_OPEN: (406, "the order is not placed yet"),
    Code.NOT_A_DRAFT: (406, "the order is placed already"),
    Code.STAGE_NOT_ALLOWED: (406, "the allocation cannot go to stage {stage}"),
    Code.STEP_NOT_ALLOWED: (406, "the step {step} is not next"),
    Code.NOT_SHIPPED: (406, "{field}: was not shipped"),
    Code.ALREADY_RETURNED: (406, "it came back already, or is on its way back"),
    Code.RETURN_WINDOW_CLOSED: (406, "{field}: could be returned for {hours} hours"),
    Code.NOT_FINISHED: (406, "the cancellation or return is not finished"),
    Code.NOTHING_TO_REFUND: (406, "nothing is left to refund"),
    Code.FULFILLMENT_FINAL: (406, "the fulfillment is {state}"),
    Code.NOT_COMPLETED: (406, "the order is not finished"),
    Code.ARCHIVED: (406, "the order is closed"),
    Code.NOT_ARCHIVED: (406, "the order is not closed"),
    Code.QUANTITY_OUT_OF_RANGE: (406, "{field}: only {maximum} left"),
    Code.AMOUNT_OUT_OF_RANGE: (406, "{field}: only {maximum} left to refund"),
    Code.DUPLICATE: (422, "{field} has already been taken"),
    Code.INVALID: (422, "{field} {problem}"),
    Code.KEY_REUSED: (422, "Idempotency-Key was used with another request"),
    Code.BUSY: (500, "Aborted"),
    Code.UNAVAILABLE: (500, "Unavailable"),
    Code.TIMED_OUT: (500, "DeadlineExceeded"),
}

FAULTS: Mapping[FaultCode, tuple[int, str]] = {
    FaultCode.MALFORMED: (400, "Bad Request: the body is not JSON"),
    FaultCode.NOT_AN_OBJECT: (400, "Bad Request: the body is not a JSON object"),
    FaultCode.INVALID: (400, "Bad Request"),
    FaultCode.MEDIA_TYPE: (400, "Bad Request: the Content-Type must be application/json"),
    FaultCode.TOO_LARGE: (413, "Payload Too Large"),
    FaultCode.NO_ROUTE: _NOT_FOUND,
    FaultCode.METHOD: (405, "Method Not Allowed"),
    FaultCode.INTERNAL: (500, "Internal"),
}

# seed, 4.1: the caller, or the store as a whole, is not accepted.
_ALONE = frozenset({Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.TENANT_INACTIVE})
_DETAILED = frozenset({FaultCode.INVALID, FaultCode.MEDIA_TYPE})
_RETRIED = frozenset({Code.RATE_LIMITED, Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})
# The partner knows two scopes for orders (1.2); shipping is writing.
_SCOPES = {"read_orders": "read_order", "write_orders": "write_order", "fulfil_orders": "write_order"}


def render(problem: Problem) -> Reply:
    if isinstance(problem, Fault):
        if problem.code in _DETAILED and problem.details:
            return _details(problem.details)
        return _list(*FAULTS[problem.code])
    status, text = REFUSALS[problem.code]
    text = text.format_map(_facts(problem))
    if problem.code in _ALONE:
        alone: ErrorText = {"error": text}
        return json(alone, status)
    return _list(status, text, headers={"Retry-After": retry_after(problem)} if problem.code in _RETRIED else None)


def _list(status: int, *texts: str, headers: Mapping[str, str] | None = None) -> Reply:
    body: ErrorList = {"errors": list(texts)}
    return json(body, status, headers)


def render_of_webhook(problem: Problem) -> Reply:
    """4.1, public docs: the routes on webhooks say what is wrong with which field. The rest is as everywhere."""
    if isinstance(problem, Fault):
        if problem.code is FaultCode.INVALID and all(detail.where != "header" for detail in problem.details):
            texts: dict[str, list[str]] = {}
            for detail in problem.details:
                texts.setdefault(detail.field, []).extend(_field_texts(detail))
            return _fields(_status(problem.details), texts)
    elif problem.code is Code.INVALID:
        field = str(problem.facts.get("field", "")).partition(".")[0]
        return _fields(422, {_FIELDS.get(field, field): [_BAD, str(problem.facts.get("problem", ""))]})
    return render(problem)


_FIELDS = {"url": "address", "topics": "topic"}
_BLANK, _BAD = "can't be blank", "is invalid"


def _field_texts(detail: Detail) -> list[str]:
    """In the body the partner's own words come first; where there is nothing to say more of, they are all."""
    if detail.kind in {"missing", "string_too_short"}:
        return [_BLANK, _BAD]
    said_by_us = detail.kind == "value" or detail.where == "query" or detail.wrong_type
    return [_text(detail)] if said_by_us else [_BAD, _text(detail)]


def _fields(status: int, texts: dict[str, list[str]]) -> Reply:
    body: ErrorFields = {"errors": texts}
    return json(body, status)


def _details(details: tuple[Detail, ...]) -> Reply:
    return _list(_status(details), *(_sentence(detail) for detail in details))


def _status(details: tuple[Detail, ...]) -> int:
    """A wrong JSON type is 400 (seed), a wrong value 422 (public docs)."""
    worst = any(detail.where == "header" or (detail.where == "body" and detail.wrong_type) for detail in details)
    return 400 if worst else 422


def _sentence(detail: Detail) -> str:
    field = name(detail.field) if detail.where == "body" else detail.field
    return f"{field} is required" if detail.kind == "missing" else f"{field} {_text(detail)}"


def _text(detail: Detail) -> str:
    text = detail.text.removeprefix("value error, ").removeprefix("input ").removeprefix("string ")
    return text.replace("should", "must", 1)


def name(field: str) -> str:
    """`line_items.0.variant_id` as the partner's Go names it, `LineItems[0].VariantId` (1.5: `TaxTotal`)."""
    shown = ""
    for part in field.split("."):
        if part.isdigit():
            shown += f"[{part}]"
        else:
            shown += "." * bool(shown) + "".join(word[:1].upper() + word[1:] for word in part.split("_"))
    return shown


def _facts(refusal: Refusal) -> Facts:
    facts = Facts(refusal.facts)
    if "scope" in facts:
        facts["scope"] = _SCOPES.get(str(facts["scope"]), facts["scope"])
    if "currency" in facts:
        facts["maximum"] = decimal_text(int(str(facts["maximum"])), str(facts["currency"]))
    if refusal.code is Code.FULFILLMENT_FINAL and "state" in facts:
        facts["state"] = STATES[FulfillmentState(str(facts["state"]))]
    if "field" in facts:
        facts["field"] = name(str(facts["field"]))
    return facts
