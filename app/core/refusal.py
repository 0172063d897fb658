"""What the core may refuse, as a closed list of codes with named facts. No status, no prose: a face words it."""

from enum import StrEnum


class Code(StrEnum):
    """Every expected refusal. Each dialect's `errors.py` has a row for each of them."""

    # who is asking
    UNAUTHENTICATED = "unauthenticated"  # facts: cause (missing, malformed, unknown, expired, revoked)
    DIALECT_NOT_ALLOWED = "dialect_not_allowed"  # facts: dialect
    SCOPE_MISSING = "scope_missing"  # facts: scope
    TENANT_INACTIVE = "tenant_inactive"
    RATE_LIMITED = "rate_limited"  # facts: seconds, to wait
    # what does not exist, another tenant's included
    ORDER_NOT_FOUND = "order_not_found"
    LINE_NOT_FOUND = "line_not_found"  # facts: field
    CASE_NOT_FOUND = "request_not_found"
    ALLOCATION_NOT_FOUND = "allocation_not_found"
    ADJUSTMENT_NOT_FOUND = "adjustment_not_found"  # facts: field
    LOCATION_NOT_FOUND = "location_not_found"  # facts: field, where one of several was named
    FEE_NOT_FOUND = "fee_not_found"  # facts: field
    FULFILLMENT_NOT_FOUND = "fulfillment_not_found"
    CREDENTIAL_NOT_FOUND = "credential_not_found"
    SUBSCRIPTION_NOT_FOUND = "webhook_not_found"
    DELIVERY_NOT_FOUND = "delivery_not_found"
    TASK_NOT_FOUND = "task_not_found"
    # what the state of the order forbids
    ALREADY_CANCELLED = "already_cancelled"
    ALREADY_FULFILLED = "already_fulfilled"
    PARTLY_FULFILLED = "partly_fulfilled"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    NOTHING_TO_FULFIL = "nothing_to_fulfil"
    NOTHING_TO_ALLOCATE = "nothing_to_allocate"
    CANCELLATION_PENDING = "cancellation_pending"  # facts: case_id
    CANCELLATION_REFUSED = "cancellation_refused"  # facts: message; the warehouse said no
    SUPERSEDED = "item_superseded"
    NOT_OPEN = "order_not_open"
    NOT_A_DRAFT = "order_not_a_draft"
    STAGE_NOT_ALLOWED = "stage_not_allowed"  # facts: stage
    STEP_NOT_ALLOWED = "step_not_allowed"  # facts: step, field, at (where it stands; untracked: no stock is counted)
    NOT_SHIPPED = "not_shipped"  # facts: field
    ALREADY_RETURNED = "already_returned"  # facts: field; or on its way back
    RETURN_WINDOW_CLOSED = "return_window_closed"  # facts: field, hours
    NOT_FINISHED = "not_finished"  # facts: field; of a cancellation or return
    NOTHING_TO_REFUND = "nothing_to_refund"
    FULFILLMENT_FINAL = "fulfillment_final"  # facts: state
    NOT_COMPLETED = "order_not_completed"
    ARCHIVED = "order_archived"
    NOT_ARCHIVED = "order_not_archived"
    # what the request itself gets wrong
    QUANTITY_OUT_OF_RANGE = "quantity_out_of_range"  # facts: field, minimum, maximum
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"  # facts: field, minimum, maximum, currency
    DUPLICATE = "duplicate"  # facts: field; key, of an id that another order has
    INVALID = "invalid"  # facts: field, problem, unless (what would allow it)
    KEY_REUSED = "idempotency_key_reused"
    # what has nothing to do with the request
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """An expected no: `code` says which, `facts` are plain values that a face may put into words."""

    def __init__(self, code: Code, **facts: str | int | None) -> None:
        super().__init__(code.value)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code.value} {self.facts}" if self.facts else self.code.value
