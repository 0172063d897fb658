"""Cases and events of an order to native wire shapes. Pure."""

import json
from typing import Any

from app.core import model, times
from app.core import units as u
from app.core.ledger import Ledger
from app.core.ports import StoredEvent
from app.dialects.native import wire


def from_case(ledger: Ledger, case: model.Case) -> wire.Request:
    return {
        "id": case.id,
        "order_id": ledger.order.id,
        "type": "CANCEL" if case.kind is model.CaseKind.CANCEL else "RETURN",
        "scope": case.scope.value,
        "state": _STATES[case.state],
        "message": case.message,
        "dialect": case.actor.dialect,
        "party": case.actor.party.value,
        "credential_id": case.actor.credential_id,
        "reason": {"code": case.reason.code, "text": case.reason.text},
        "created_at": times.text(case.created_at),
        "decided_at": times.maybe_text(case.decided_at),
        "asked": [_ask(ask) for ask in case.asks],
        "adjustments": [_adjustment(a) for a in ledger.order.adjustments if a.case_id == case.id],
    }


_STATES: dict[model.CaseState, Any] = {
    model.CaseState.PENDING: "PENDING",
    model.CaseState.ACCEPTED: "ACCEPTED",
    model.CaseState.REJECTED: "REJECTED",
}


def _ask(ask: model.Ask) -> wire.Ask:
    return {
        "location_id": ask.location_id,
        "state": _STATES[ask.state],
        "message": ask.message,
        "answered_at": times.maybe_text(ask.answered_at),
    }


def _adjustment(adjustment: model.Adjustment) -> wire.Adjustment:
    return {
        "id": adjustment.id,
        "line_id": adjustment.line_id,
        "allocation_id": adjustment.allocation_id,
        "quantity": u.count(adjustment.units),
        "units": ranges(adjustment.units),
        "amount": adjustment.amount,
        "step": adjustment.step.value,
        "steps": [{"step": entry.step.value, "at": times.text(entry.at)} for entry in adjustment.steps],
    }


def ranges(units: u.Units) -> list[list[int]]:
    return [[first, last] for first, last in units]


def from_event(event: StoredEvent) -> wire.Event:
    return {
        "id": event.id,
        "type": event.type,
        "order_id": event.order_id,
        "version": event.version,
        "at": times.text(event.at),
        "dialect": event.dialect,
        "party": event.party,
        "credential_id": event.credential_id,
        "request_id": event.case_id,
        "before": _summary(event.before),
        "after": _summary(event.after),
    }


def _summary(text: str) -> wire.Summary:
    """In the same order of keys whatever the engine made of the stored JSON."""
    held = json.loads(text)
    lines = held.get("lines", {})
    shown = {name: held[name] for name in ("state", "cancelled") if name in held}
    if "lines" in held:
        shown["lines"] = {id_: {name: lines[id_][name] for name in _COUNTS} for id_ in sorted(lines)}
    return shown  # type: ignore[return-value]


_COUNTS = ("open", "pending", "cancelled", "fulfilled", "returned")
