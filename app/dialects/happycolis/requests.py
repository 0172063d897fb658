"""DispatchableRequests and MutationResults: what became of what was asked for (contract 2.3, 2.4, 3.3). Pure.

A cancellation is a case of the core, and so is a return. The other requests are decided at once and have none: their
id is the order's and the version that they led to, where the order's history has them.
"""

import json
import re
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from app.core.ledger import Ledger
from app.core.model import Case, CaseKind, CaseState
from app.core.ports import StoredEvent
from app.core.refusal import Code, Refusal
from app.dialects.happycolis import errors
from app.dialects.happycolis.picture import NAME
from app.service.desk import Done

SUBMITTED = "Cancellation request submitted"  # seed
# Returns are another dialect's doing, and a type of ours: 2.3 has none.
_CASES = {
    (CaseKind.CANCEL, CaseState.PENDING): SUBMITTED,
    (CaseKind.CANCEL, CaseState.ACCEPTED): "Cancelled",
    (CaseKind.CANCEL, CaseState.REJECTED): "The fulfilment service refused the cancellation",
    (CaseKind.RETURN, CaseState.PENDING): "Return announced",
    (CaseKind.RETURN, CaseState.ACCEPTED): "Returned",
    (CaseKind.RETURN, CaseState.REJECTED): "Return refused",
}
# By the event that it led to. 2.3: the type of both mutations on lines is REQUEST_FULFILLMENT.
_EVENTS = {
    "order.opened": ("OPEN", "Order opened"),
    "order.dispatched": ("OPEN", "Order dispatched"),
    "lines.opened": ("REQUEST_FULFILLMENT", "Order lines opened"),
    "fulfillment.requested": ("REQUEST_FULFILLMENT", "Fulfillment requested"),
    "order.updated": ("UPDATE", "Order updated"),
    "order.held": ("HOLD", "Order fulfillment paused"),  # public docs
    "order.resumed": ("RESUME", "Order fulfillment resumed"),  # public docs
}
# Where the partner works on after it has answered.
_LATER = {
    "OPEN": "Order open request accepted, processing asynchronously",  # public docs
    "REQUEST_FULFILLMENT": "Fulfillment request accepted, processing asynchronously",
}

_VERSION = re.compile("[1-9][0-9]{0,8}")

Request = dict[str, Any]


def cancelled(done: Done) -> Request:
    """3.3: of a draft at once; of an open order PENDING, also where the core has decided already (3.2, row 2)."""
    case, event = done.case, done.change.event if done.change else None
    if case is None:
        raise ValueError("a cancellation makes a case")
    was_draft = event is not None and event.before.get("state") == "draft"
    return _request(case.id, "CANCEL", "ACCEPTED", "Order cancelled") if was_draft else pending(case.id)


def pending(case_id: str) -> Request:
    return _request(case_id, "CANCEL", "PENDING", SUBMITTED)


def from_case(ledger: Ledger, case_id: str) -> Request | None:
    """None if there is no such request; what the warehouse said is the message."""
    case: Case | None = ledger.cases.get(case_id)
    if case is None:
        return None
    words = case.message or _CASES[case.kind, case.state]
    return _request(case.id, case.kind.name, case.state.name, words)


def dispatched(done: Done, type_: str) -> Request:
    """The answer to any of the others. A change that changed nothing is one that was accepted."""
    order = done.ledger.order
    event = done.change.event.type if done.change and done.change.event else ""
    words = _EVENTS.get(event, (type_, "Nothing to change"))[1]
    later = _LATER.get(type_)
    return _request(f"{order.id}.{order.version}", type_, "PENDING" if later else "ACCEPTED", later or words)


def from_event(event: StoredEvent) -> Request | None:
    """What such a request reads as later on: the core decides at once. None for what nobody asked for here."""
    if event.type not in _EVENTS or event.dialect != NAME:
        return None
    type_, words = _EVENTS[event.type]
    return _request(f"{event.order_id}.{event.version}", type_, "ACCEPTED", words)


def version_before(ledger: Ledger, order_id: str, version: str) -> int | None:
    """Of `<order id>.<version>` the version to look past; None for anything else."""
    if order_id != ledger.order.id or not _VERSION.fullmatch(version) or int(version) > ledger.order.version:
        return None
    return int(version) - 1


def refused(refusal: Refusal, type_: str, named: str) -> Request:
    """3.2: the request that waits already (row 11); one that was refused at once (row 7). Raises what is neither."""
    if refusal.code is Code.CANCELLATION_PENDING and type_ == "CANCEL":
        return pending(str(refusal.facts["case_id"]))
    if not errors.in_band(refusal):
        raise refusal
    return rejected(refusal, type_, named)


def unknown(refusal: Refusal) -> Refusal:
    """Whoever names a request wants to hear about the request, not about its order."""
    return Refusal(Code.CASE_NOT_FOUND) if refusal.code is Code.ORDER_NOT_FOUND else refusal


def unknown_delivery_order(refusal: Refusal) -> Refusal:
    return Refusal(Code.ALLOCATION_NOT_FOUND) if refusal.code is Code.ORDER_NOT_FOUND else refusal


def rejected(refusal: Refusal, type_: str, named: str) -> Request:
    """Refused at once: nothing was written, so nothing can be read again under this id."""
    id_ = uuid5(NAMESPACE_OID, json.dumps([NAME, type_, named]))
    return _request(str(id_), type_, "REJECTED", errors.show(refusal).message)


def _request(id_: str, type_: str, state: str, message: str) -> Request:
    return {"id": id_, "type": type_, "state": state, "message": message}


def succeeded(delivery_order_id: str, words: str) -> Request:
    return _result(delivery_order_id, "success", f"Delivery order {words} successfully.")  # public docs


def failed(delivery_order_id: str, refusal: Refusal) -> Request:
    """Raises what is no matter of the delivery order's state."""
    if not errors.in_band(refusal):
        raise unknown_delivery_order(refusal)
    return _result(delivery_order_id, "error", errors.show(refusal).message)


def _result(delivery_order_id: str, state: str, message: str) -> Request:
    return {"id": delivery_order_id, "type": "delivery_order", "state": state, "message": message}
