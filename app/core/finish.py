"""What follows when a case becomes final, whichever way it got there: its state, and restock."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.core import units as u
from app.core.copying import replace
from app.core.messages import Movement
from app.core.model import Adjustment, Case, CaseState, Order, Step, StepEntry
from app.core.policy import Policy

_UNDECIDED = frozenset({Step.REQUESTED, Step.ANNOUNCED, Step.RECEIVED, Step.AWAITING_APPROVAL})


def decided(cases: Iterable[Case], adjustments: Iterable[Adjustment], now: datetime) -> tuple[Case, ...]:
    """A case is decided once nothing of it waits for anybody.

    One location that refused makes it a rejected one, and so it is when nothing of it went through.
    """
    steps: dict[str, set[Step]] = {}
    for adjustment in adjustments:
        steps.setdefault(adjustment.case_id, set()).add(adjustment.step)
    return tuple(
        _decided(case, now, nothing=steps.get(case.id) == {Step.REJECTED})
        if case.state is CaseState.PENDING and steps.get(case.id, _UNDECIDED).isdisjoint(_UNDECIDED)
        else case
        for case in cases
    )


def _decided(case: Case, now: datetime, *, nothing: bool) -> Case:
    refused = [ask for ask in case.asks if ask.state is CaseState.REJECTED]
    spoke = [ask.message for ask in refused or case.asks if ask.message is not None]
    return replace(
        case,
        state=CaseState.REJECTED if refused or nothing else CaseState.ACCEPTED,
        message=spoke[-1] if spoke else None,
        decided_at=now,
    )


def restocks(order: Order, case: Case, policy: Policy, *, held: bool) -> bool:
    """Whether units go back to stock; `held` says that a location had them. Agrees with `restock_movements`."""
    return order.track_inventory and (case.restock_to is not None or (policy.restock_on_cancel and held))


def finished_steps(version: int, now: datetime, *, restocked: bool) -> tuple[StepEntry, ...]:
    """A one-call cancel approves and finishes at once; the restock in between is shown if there was one."""
    steps = (Step.RESTOCKED, Step.FINISHED) if restocked else (Step.FINISHED,)
    return tuple(StepEntry(step, version, now) for step in steps)


def restock_movements(
    order: Order, adjustments: Iterable[Adjustment], cases: Mapping[str, Case], policy: Policy
) -> list[Movement]:
    """Goods go back to where the caller said, else, by policy, to the location that held them.

    Units that no location held and no caller placed move nothing: they never left a shelf that we know of.
    """
    if not order.track_inventory:
        return []
    holders = {allocation.id: allocation.location_id for allocation in order.allocations}

    def place(adjustment: Adjustment) -> str | None:
        location = cases[adjustment.case_id].restock_to
        if location is None and policy.restock_on_cancel and adjustment.allocation_id is not None:
            return holders[adjustment.allocation_id]
        return location

    return into_stock(order, ((adjustment, place(adjustment)) for adjustment in adjustments))


def into_stock(order: Order, placed: Iterable[tuple[Adjustment, str | None]]) -> list[Movement]:
    """Of each entry to its location; to None nothing goes."""
    skus = {line.id: line.sku for line in order.lines}
    return [
        Movement(location, skus[entry.line_id] if entry.line_id else entry.sku or "", u.count(entry.units), entry.id)
        for entry, location in placed
        if location is not None
    ]
