"""Which HappyColis events an event of the core is (contract 4.2 and 4.3). Pure.

Two L in the name of an event, one in the value of an enum.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.core.ledger import Ledger
from app.core.model import Allocation, Stage
from app.core.ports import StoredEvent
from app.dialects.happycolis import statuses

ORDER_CREATED, ORDER_OPENED, ORDER_UPDATED, ORDER_COMPLETED, ORDER_CANCELLED = (
    f"order/{what}" for what in ("created", "opened", "updated", "completed", "cancelled")
)
(
    DELIVERY_CREATED,
    DELIVERY_PENDING,
    DELIVERY_ACCEPTED,
    DELIVERY_OPENED,
    DELIVERY_UPDATED,
    DELIVERY_COMPLETED,
    DELIVERY_CANCELLED,
    DELIVERY_REFUSED,
) = (
    f"delivery_order/{what}"
    for what in (
        "created",
        "pending",
        "fulfillment_accepted",
        "opened",
        "updated",
        "completed",
        "cancelled",
        "cancellation_rejected",
    )
)
ALL = (
    ORDER_CREATED,
    ORDER_OPENED,
    ORDER_UPDATED,
    ORDER_COMPLETED,
    ORDER_CANCELLED,
    DELIVERY_CREATED,
    DELIVERY_PENDING,
    DELIVERY_ACCEPTED,
    DELIVERY_OPENED,
    DELIVERY_UPDATED,
    DELIVERY_COMPLETED,
    DELIVERY_CANCELLED,
    DELIVERY_REFUSED,
)
_PLANNING = frozenset({Stage.PLANNED, Stage.OPENED})
# Of the order itself, without a unit of it moving.
_OF_ORDER = frozenset({"order.updated", "order.held", "order.resumed", "fulfillment.requested"})
# Of a shipment that was there before: it arrived, or never left.
_OF_SHIPMENT = frozenset({"fulfillment.delivered", "fulfillment.voided"})
_OF_DELIVERY_ORDER = {
    "order.allocated": DELIVERY_CREATED,
    "order.dispatched": DELIVERY_CREATED,
    "lines.opened": DELIVERY_CREATED,
    "allocation.updated": DELIVERY_UPDATED,
    "cancellation.rejected": DELIVERY_REFUSED,
}


def of_event(event: StoredEvent) -> str:
    """The one word for it where there is room for one only."""
    before, after = json.loads(event.before), json.loads(event.after)
    first = [*_of_beginning(before, after), *_of_end(before, after)]
    return first[0] if first else _OF_DELIVERY_ORDER.get(event.type, ORDER_UPDATED)


def of_order(event: StoredEvent, ledger: Ledger) -> tuple[list[str], list[str]]:
    """Those that are told before what happened to delivery orders, and those after it."""
    before, after = json.loads(event.before), json.loads(event.after)
    first, last = [*_of_beginning(before, after)], [*_of_end(before, after)]
    told = event.type in _OF_ORDER | _OF_SHIPMENT
    changed = told or _goods(before) != _goods(after) or _reached(ledger, event.version)
    return first, last or ([ORDER_UPDATED] if changed and not first else [])


def _of_beginning(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if not before:
        yield ORDER_CREATED
    if before.get("state", "draft") == "draft" and after["state"] == "open":
        yield ORDER_OPENED


def _of_end(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """4.2: a cancelled order ends in COMPLETED, but `order/completed` is for one that was sent."""
    if after["state"] == "completed" and before.get("state") != "completed":
        yield ORDER_CANCELLED if after["cancelled"] else ORDER_COMPLETED


def _goods(summary: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """What lines show of units: those that only wait for an answer are as they were."""
    return {
        id_: (held["cancelled"], held["fulfilled"])
        for id_, held in summary.get("lines", {}).items()
        if held["cancelled"] or held["fulfilled"]
    }


def _reached(ledger: Ledger, version: int) -> bool:
    """Whether a location went so far that lines of the order, or the time it was asked, read differently."""
    return any(
        entry.version == version and entry.stage not in _PLANNING for a in ledger.order.allocations for entry in a.trail
    )


def of_allocation(event: StoredEvent, ledger: Ledger, allocation: Allocation) -> Iterator[str]:
    """What one event of the order is to one of its delivery orders, in order; mostly nothing."""
    version = event.version
    entries = [entry for entry in allocation.trail if entry.version == version]
    if entries:
        yield from _of_stage(allocation, entries[0].stage, new=allocation.trail[0].version == version)
    elif statuses.taken_at(ledger, allocation, version, cancelled=False):
        yield DELIVERY_REFUSED
    elif _told_anew(event, ledger, allocation) or _moved(event, ledger, allocation):
        yield DELIVERY_UPDATED
    last = statuses.happenings(ledger, allocation)[-1:]
    if last and last[0].type == "COMPLETED" and last[0].version == version:
        yield DELIVERY_COMPLETED


def _of_stage(allocation: Allocation, stage: Stage, *, new: bool) -> Iterator[str]:
    if new:
        yield DELIVERY_CREATED
    if stage is Stage.CANCELLED:
        yield DELIVERY_CANCELLED
        return
    earlier = [] if new else [entry.stage for entry in allocation.trail[:-1]]
    told = False
    if stage is not Stage.PLANNED and _PLANNING.issuperset(earlier) and Stage.OPENED not in earlier:
        yield DELIVERY_PENDING
        told = True
    if stage in {Stage.ACCEPTED, Stage.PICKING} and Stage.ACCEPTED not in earlier:
        yield from (DELIVERY_ACCEPTED, DELIVERY_OPENED)
        told = True
    if not (told or new):
        yield DELIVERY_UPDATED


def _told_anew(event: StoredEvent, ledger: Ledger, allocation: Allocation) -> bool:
    """Its location, lines or priority: such an event moves no allocation to another stage, but it touches one."""
    moved = any(entry.version == event.version for other in ledger.order.allocations for entry in other.trail)
    return event.type == "allocation.updated" and not moved and allocation.updated_at == ledger.order.updated_at


def _moved(event: StoredEvent, ledger: Ledger, allocation: Allocation) -> bool:
    """Whether units of it were sent or cancelled then, and others are left; or arrived, or had never left."""
    if statuses.taken_at(ledger, allocation, event.version, cancelled=True):
        return True
    if event.type in _OF_SHIPMENT:
        changed = [f for f in ledger.order.fulfillments if f.updated_at == ledger.order.updated_at]
        return any(statuses.holds(f, allocation) for f in changed)
    return any(f.version == event.version and statuses.sends(f, allocation) for f in ledger.order.fulfillments)
