"""Cases and events of an order to native wire shapes. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from app.core import model, times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.ports import StoredEvent
from app.dialects.native import wire_events, wire_requests


def from_cases(ledger: Ledger) -> list[wire_requests.Request]:
    entries: dict[str, list[model.Adjustment]] = {case.id: [] for case in ledger.order.cases}
    for adjustment in ledger.order.adjustments:
        entries[adjustment.case_id].append(adjustment)
    return [_case(ledger, case, entries[case.id]) for case in ledger.order.cases]


def from_case(ledger: Ledger, case: model.Case) -> wire_requests.Request:
    return _case(ledger, case, [a for a in ledger.order.adjustments if a.case_id == case.id])


def from_waiting(ledger: Ledger, case: model.Case) -> wire_requests.WaitingRequest:
    order, shown = ledger.order, from_case(ledger, case)
    touched = {adjustment["line_id"] for adjustment in shown["adjustments"]}
    return {
        **shown,
        "order": {
            "number": order.number,
            "currency": order.currency,
            "customer": order.customer.name,
            "placed_at": times.text(order.placed_at),
            "metadata": dict(order.metadata),
            "lines": [{"id": x.id, "sku": x.sku, "title": x.title} for x in order.lines if x.id in touched],
        },
    }


def _case(ledger: Ledger, case: model.Case, adjustments: Iterable[model.Adjustment]) -> wire_requests.Request:
    return {
        "id": case.id,
        "order_id": ledger.order.id,
        "type": "CANCEL" if case.kind is model.CaseKind.CANCEL else "RETURN",
        "scope": case.scope.value,
        "stepwise": case.stepwise,
        "state": _STATES[case.state],
        "message": case.message,
        "dialect": case.actor.dialect,
        "party": case.actor.party.value,
        "credential_id": case.actor.credential_id,
        "reason": from_reason(case.reason),
        "created_at": times.text(case.created_at),
        "deadline": times.maybe_text(case.deadline),
        "decided_at": times.maybe_text(case.decided_at),
        "asked": [_ask(ask) for ask in case.asks],
        "adjustments": [_adjustment(a) for a in adjustments],
    }


_STATES: dict[model.CaseState, Any] = {
    model.CaseState.PENDING: "PENDING",
    model.CaseState.ACCEPTED: "ACCEPTED",
    model.CaseState.REJECTED: "REJECTED",
}


def _ask(ask: model.Ask) -> wire_requests.Ask:
    return {
        "location_id": ask.location_id,
        "state": _STATES[ask.state],
        "message": ask.message,
        "answered_at": times.maybe_text(ask.answered_at),
    }


def _adjustment(adjustment: model.Adjustment) -> wire_requests.Adjustment:
    return {
        "id": adjustment.id,
        "origin": adjustment.origin,
        "line_id": adjustment.line_id,
        "allocation_id": adjustment.allocation_id,
        "sku": adjustment.sku,
        "title": adjustment.title,
        "quantity": u.count(adjustment.units),
        "units": ranges(adjustment.units),
        "amount": adjustment.amount,
        "reason": from_reason(adjustment.reason) if adjustment.reason else None,
        "contra_ids": dict(adjustment.contra_ids),
        "step": adjustment.step.value,
        "steps": [{"step": entry.step.value, "at": times.text(entry.at)} for entry in adjustment.steps],
    }


def from_reason(reason: model.Reason) -> wire_requests.Reason:
    return {"code": reason.code, "text": reason.text}


def line_units(items: Iterable[model.LineUnits]) -> list[wire_requests.LineUnits]:
    return [{"line_id": x.line_id, "quantity": u.count(x.units), "units": ranges(x.units)} for x in items]


def ranges(units: u.Units) -> list[list[int]]:
    return [[first, last] for first, last in units]


def from_event(event: StoredEvent) -> wire_events.Event:
    before, after = json.loads(event.before), json.loads(event.after)
    shown: wire_events.Event = {
        "id": event.id,
        "type": event.type,
        "order_id": event.order_id,
        "version": event.version,
        "at": times.text(event.at),
        "dialect": event.dialect,
        "party": event.party,
        "credential_id": event.credential_id,
        "request_id": event.case_id,
        "before": _summary(before),
        "after": _summary(after),
    }
    if "also" in after:
        shown["also"] = [{"type": each["type"], "request_id": each["request_id"]} for each in after["also"]]
    return shown


def _summary(held: dict[str, Any]) -> wire_events.Summary:
    """In the same order of keys whatever the engine made of the stored JSON."""
    lines = held.get("lines", {})
    shown: dict[str, Any] = {name: held[name] for name in ("state", "cancelled") if name in held}
    if "lines" in held:
        shown["lines"] = {id_: {name: lines[id_][name] for name in _COUNTS} for id_ in sorted(lines)}
    return shown  # type: ignore[return-value]


_COUNTS = ("open", "pending", "cancelled", "fulfilled", "returned")
