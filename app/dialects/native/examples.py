"""What the contract shows and says: requests, the answers that our own mapping gives to them, what parameters are."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.core import answer, cancel, create, fulfil, ids
from app.core.ledger import Ledger
from app.core.messages import Answer, Change, Context, EditOrder, MoveAllocation, OpenOrder
from app.core.model import Actor, Party, Stage
from app.core.policy import Policy
from app.core.ports import Credential, Location, StoredEvent, Tenant
from app.core.refusal import Code, Refusal
from app.dialects.native import bodies, errors, mapping, mapping_configuration, mapping_requests
from app.service.desk import Done

TENANT_ID = "5f1d2c3b4a59"
CREDENTIAL_ID = "9e8d7c6b5a493827"
_KEY = f"drg_{TENANT_ID}.{CREDENTIAL_ID}.shown-only-here"
AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
LOCATION_ID = ids.uuid7(AT, 0x2B1C)
_CASE_ID = ids.child(ids.order_id(AT, 1 << 40), 5)

_ORDER = {
    "number": "1001",
    "currency": "EUR",
    "customer": {"name": "Ada Byron", "email": "ada@example.com"},
    "lines": [
        {"sku": "MUG-RED", "title": "Red mug", "quantity": 5, "unit_price": 1250, "tax_rate": 0.21},
        {"sku": "TEA-GREEN", "title": "Green tea", "quantity": 2, "unit_price": 800, "tax_rate": 0.09},
    ],
    "fees": [{"kind": "shipping", "title": "Parcel", "amount": 595}],
    "payment": {"status": "paid", "method": "credit_card"},
    "keys": {"convictional": "66aa00000000000000000001", "shopline": "633130-00000004"},
}
_ALLOCATE = {"location_id": LOCATION_ID, "stage": "requested"}
_EDIT: dict[str, Any] = {"note": "Ring twice", "metadata": {"simulate": "refuse"}}
_FULFIL = {"carrier": "DHL", "tracking_code": "JD0146000030"}
_CANCEL = {"unfulfilled_only": True, "reason_code": "OUT_OF_STOCK", "reason": "Sold out"}
_ACCEPT = {"message": "Taken out of the wave"}
_REJECT = {"message": "Already packed"}
_ADD_LOCATION = {"name": "Rotterdam", "connector": {"kind": "manual"}}
_CALL_BACK = {"accepted": False, "message": "Already packed"}
_EDIT_TENANT = {"policy": {"restock_on_cancel": True}}
_ADD_CREDENTIAL = {"name": "warehouse", "party": "warehouse", "scopes": ["fulfil_orders"]}


def context(minutes: int) -> Context:
    actor = Actor(CREDENTIAL_ID, mapping.NAME, Party.SELLER)
    return Context(actor, Policy(), AT + timedelta(minutes=minutes))


def created(**more: Any) -> Change:
    body = bodies.OrderIn.model_validate(_ORDER | more)
    return create.decide_create(mapping.to_create(body), "", ids.order_id(AT, 1 << 40), context(0))


def _allocated(before: Ledger) -> Ledger:
    body = bodies.AllocationIn.model_validate(_ALLOCATE)
    return fulfil.decide_allocate(before, mapping.to_allocate(body, _location()), context(1)).ledger


def _cancelled(before: Ledger) -> Change:
    return cancel.decide_cancel(before, mapping.to_cancel(bodies.CancellationIn.model_validate(_CANCEL)), context(2))


def _answered(before: Change, *, accepted: bool, message: str) -> dict[str, Any]:
    case_id = before.ledger.order.cases[0].id
    done = answer.decide_answer(
        before.ledger, Answer(case_id=case_id, accepted=accepted, message=message), context(3)
    ).ledger
    return dict(mapping_requests.from_case(done, done.cases[case_id]))


def _location() -> Location:
    return Location(
        tenant_id=TENANT_ID,
        id=LOCATION_ID,
        name="Rotterdam",
        connector="manual",
        settings="{}",
        created_at=AT,
        updated_at=AT,
    )


def _credential() -> dict[str, Any]:
    credential = Credential(
        tenant_id=TENANT_ID,
        id=CREDENTIAL_ID,
        name="warehouse",
        party=Party.WAREHOUSE,
        scopes=("fulfil_orders",),
        dialects=None,
        secret_hash="",
        created_at=AT,
    )
    return dict(mapping_configuration.from_credential(credential))


def _events(*changes: Change) -> dict[str, Any]:
    stored = [
        StoredEvent(
            id=ids.uuid7(event.at, n),
            order_id=event.order_id,
            version=event.version,
            type=event.type,
            at=event.at,
            credential_id=event.actor.credential_id,
            dialect=event.actor.dialect,
            party=event.actor.party.value,
            case_id=event.case_id,
            before=json.dumps(event.before),
            after=json.dumps(event.after),
        )
        for n, event in enumerate(change.event for change in changes)
        if event is not None
    ]
    return {"events": [mapping_requests.from_event(event) for event in stored], "next_cursor": None}


def _of_orders() -> Mapping[str, Any]:
    made = created()
    allocated = _allocated(made.ledger)
    moved = fulfil.decide_move(
        allocated, MoveAllocation(allocation_id=allocated.order.allocations[0].id, stage=Stage.ACCEPTED), context(2)
    ).ledger
    to_fulfil = mapping.to_fulfil(bodies.FulfillmentIn.model_validate(_FULFIL))
    shipped = fulfil.decide_fulfil(made.ledger, to_fulfil, context(1)).ledger
    gone, waiting = _cancelled(made.ledger), _cancelled(allocated)
    edit = EditOrder(note=_EDIT["note"], metadata=_EDIT["metadata"])
    edited = create.decide_edit(made.ledger, edit, context(1)).ledger
    opened = create.decide_open(created(state="draft").ledger, OpenOrder(), context(1)).ledger
    history = _events(made, gone)
    placed, case_id = mapping.from_order(made.ledger), gone.ledger.order.cases[0].id
    return {
        "create_order": {"request": _ORDER, "answer": placed},
        "get_order": {"answer": placed},
        "list_orders": {"answer": {"orders": [placed], "next_cursor": None}},
        "open_order": {"answer": mapping.from_order(opened)},
        "allocate": {"request": _ALLOCATE, "answer": _allocating(allocated)},
        "move_allocation": {"request": {"stage": "accepted"}, "answer": _allocating(moved)},
        "fulfil": {"request": _FULFIL, "answer": mapping.from_fulfilling(shipped, shipped.order.fulfillments[0].id)},
        "cancel_order": {"request": _CANCEL, "answer": _cancellation(gone), "waiting": _cancellation(waiting)},
        "edit_order": {"request": _EDIT, "answer": mapping.from_order(edited)},
        "list_requests": {"answer": {"requests": [_waiting(waiting)], "next_cursor": None}},
        "get_request": {"answer": mapping_requests.from_case(gone.ledger, gone.ledger.cases[case_id])},
        "accept_request": {"request": _ACCEPT, "answer": _answered(waiting, accepted=True, **_ACCEPT)},
        "reject_request": {"request": _REJECT, "answer": _answered(waiting, accepted=False, **_REJECT)},
        "order_events": {"answer": history},
        "list_events": {"answer": {**history, "next_cursor": history["events"][-1]["id"]}},
        "stream_events": {"answer": _framed(history["events"][-1])},
        "import_orders": _import(placed["id"]),
        "cancel_orders": _bulk(placed["id"], case_id),
    }


def _waiting(change: Change) -> Any:
    return mapping_requests.from_waiting(change.ledger, change.ledger.order.cases[0])


def _framed(event: Mapping[str, Any]) -> Mapping[str, str]:
    return {"id": event["id"], "event": event["type"], "data": msgspec.json.encode(event).decode()}


def _allocating(ledger: Ledger) -> Any:
    return mapping.from_allocating(ledger, ledger.order.allocations[0].id)


def _cancellation(change: Change) -> Any:
    return mapping.from_cancel(Done(change.ledger, change.case, change), dry_run=False)


def _import(order_id: str) -> Mapping[str, str]:
    wrong = {
        "number": "1002",
        "currency": "EUR",
        "lines": [{"sku": "CUP", "quantity": 1, "unit_price": 1, "parent_id": "x"}],
    }
    refusal = Refusal(Code.INVALID, field="lines.0.parent_id", problem="no line has this id")
    return {
        "request": _lines(_ORDER, wrong),
        "answer": _lines(
            {"line": 1, "status": "created", "id": order_id, "number": "1001"},
            {"line": 2, "status": "rejected", "id": None, "number": "1002", "problem": errors.body(refusal)},
        ),
    }  # fmt: skip


def _bulk(order_id: str, case_id: str) -> Mapping[str, str]:
    other = {"id": "shopline:633130-00000005", **_CANCEL}
    return {
        "request": _lines(order_id, other),
        "answer": _lines(
            {"line": 1, "id": order_id, "status": "cancelled", "request_id": case_id},
            {
                "line": 2,
                "id": other["id"],
                "status": "refused",
                "request_id": None,
                "problem": errors.body(Refusal(Code.ORDER_NOT_FOUND)),
            },
        ),
    }


def _lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def _of_configuration() -> Mapping[str, Any]:
    tenant = Tenant(id=TENANT_ID, name="Mugs & Co", active=True, policy=Policy(), created_at=AT)
    edited = Tenant(
        id=TENANT_ID, name="Mugs & Co", active=True, policy=Policy(restock_on_cancel=True), created_at=AT
    )  # fmt: skip
    location = mapping_configuration.from_location(_location())
    renamed = {**location, "name": "Rotterdam harbour", "updated_at": "2026-01-31T12:05:00.000Z"}
    credential = _credential()
    return {
        "get_tenant": {"answer": mapping_configuration.from_tenant(tenant)},
        "edit_tenant": {"request": _EDIT_TENANT, "answer": mapping_configuration.from_tenant(edited)},
        "add_location": {"request": _ADD_LOCATION, "answer": location},
        "list_locations": {"answer": {"locations": [location]}},
        "get_location": {"answer": location},
        "edit_location": {"request": {"name": "Rotterdam harbour"}, "answer": renamed},
        "call_back": {"request": {"request_id": _CASE_ID, **_CALL_BACK}, "answer": {"requests": [_CASE_ID]}},
        "add_credential": {"request": _ADD_CREDENTIAL, "answer": {**credential, "key": _KEY}},
        "list_credentials": {"answer": {"credentials": [credential]}},
        "revoke_credential": {"answer": {**credential, "revoked_at": "2026-01-31T12:05:00.000Z"}},
    }


EXAMPLES: Mapping[str, Any] = {**_of_orders(), **_of_configuration()}

PARAMETERS: Mapping[str, str] = {
    "order_id": "The order's id, or `dialect:key` for the id that it has in a dialect.",
    "tenant_id": "The tenant that the location belongs to.",
    "allocation_id": "The id of an allocation of this order.",
    "request_id": "The id of a cancellation or a return.",
    "location_id": "The id of a location.",
    "credential_id": "The id of a credential; it is the part of a key between its two dots.",
    "state": "Only those in this state.",
    "cancelled": "Only orders that are cancelled, or that are not.",
    "q": "What somebody typed: an id or key of any dialect, a number, a customer, a sku.",
    "pending": "Whether a cancellation or return of it is not decided yet.",
    "sort": "By creation or change, `-` for the newest first.",
    "updated_after": "Only orders changed after this time (RFC 3339); they are then listed by time of change.",
    "number": "Only the order with this number.",
    "cursor": "The `next_cursor` of the page before.",
    "asked": "Only those that a location has still to answer, or only the others.",
    "limit": "How many to answer at most.",
    "after": "The `next_cursor` of the page before; without it from the beginning.",
    "dry_run": "Answer what would happen, and write nothing.",
}
