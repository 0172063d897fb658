"""What every decision needs to write: numbering of children, and the step from two orders to one change."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from app.core import ids
from app.core import units as u
from app.core.copying import replace
from app.core.ledger import Ledger, Position
from app.core.messages import Change, Context, Event, ForeignKey, Movement, Task, TaskKind
from app.core.model import Allocation, Case, Line, Order, OrderState, Stage, StageEntry
from app.core.refusal import Code, Refusal

MAILED = "mail.requested"


class Numbering:
    """Hands out ids inside one order; `used` goes back into the order."""

    def __init__(self, order_id: str, used: int) -> None:
        self._order_id = order_id
        self.used = used

    def next(self) -> str:
        self.used += 1
        return ids.child(self._order_id, self.used)


class LineIndex:
    """Lines by id, by the asking dialect's key, and by `dialect:key` for any."""

    def __init__(self, order: Order, dialect: str) -> None:
        self._lines = {f"{name}:{key}": line for line in order.lines for name, key in line.keys.items()}
        self._lines.update((line.keys[dialect], line) for line in order.lines if dialect in line.keys)
        self._lines.update((line.id, line) for line in order.lines)

    def get(self, ref: str) -> Line | None:
        return self._lines.get(ref)

    def find(self, ref: str, field: str) -> Line:
        line = self._lines.get(ref)
        if line is None:
            raise Refusal(Code.LINE_NOT_FOUND, field=field)
        return line


def settle(
    before: Ledger,
    order: Order,
    ctx: Context,
    type_: str,
    *,
    case: Case | None = None,
    tasks: tuple[Task, ...] = (),
    movements: Iterable[Movement] = (),
    keys: tuple[ForeignKey, ...] = (),
    also: Iterable[tuple[str, str]] = (),
    asking: bool = False,
) -> Change:
    """The one place where a version, a change time and `completed` are set; `order` still has the old ones.

    An allocation all of whose units were cancelled is cancelled with them; one that shipped any is left alone.
    `asking`: a warehouse is asked, or answered, and no unit is gone for that. One that is walked step by step changes
    more: it is shown from its first step. `also`: what else the change is, by type of event and id of case; that a
    mail was asked for is added here.
    """
    ledger = Ledger(order)
    ledger.order = replace(
        order,
        state=_state(ledger),
        version=next_version(before),
        allocations=tuple(
            at_stage(each, Stage.CANCELLED, order, ctx.now) if _all_gone(each, ledger) else each
            for each in order.allocations
        ),
        facts_at=before.order.changed_at if asking and case is not None and not case.stepwise else None,
        updated_at=ctx.now,
        # What was put away comes back once there is something to do.
        archived_at=None if order.archived_at and (not ledger.done or ledger.working) else order.archived_at,
    )
    earlier, later = _difference(before, ledger)
    if more := [{"type": other, "request_id": id_} for other, id_ in (*also, *_mailed(type_, case, tasks))]:
        later = {**later, "also": more}
    case_id = case.id if case else None
    event = Event(type_, order.id, ledger.order.version, ctx.now, ctx.actor, case_id, earlier, later)
    return Change(ledger=ledger, case=case, event=event, tasks=tasks, movements=tuple(movements), keys=keys)


def _mailed(type_: str, case: Case | None, tasks: Iterable[Task]) -> Iterator[tuple[str, str]]:
    if case is not None and type_ != MAILED and any(task.kind is TaskKind.MAIL for task in tasks):
        yield MAILED, case.id


def _state(ledger: Ledger) -> OrderState:
    if ledger.done:
        return OrderState.COMPLETED
    return OrderState.DRAFT if ledger.order.state is OrderState.DRAFT else OrderState.OPEN


def _all_gone(allocation: Allocation, ledger: Ledger) -> bool:
    return allocation.stage is not Stage.CANCELLED and not any(
        u.minus(item.units, ledger.positions[item.line_id].cancelled) for item in allocation.items
    )


def next_version(before: Ledger) -> int:
    return before.order.version + 1


def at_stage(allocation: Allocation, stage: Stage, order: Order, now: datetime) -> Allocation:
    """The allocation moved on; `order` has still its old version."""
    entry = StageEntry(stage, order.version + 1, now)
    return replace(allocation, stage=stage, trail=(*allocation.trail, entry), updated_at=now)


def with_allocation(order: Order, changed: Allocation) -> Order:
    allocations = tuple(changed if held.id == changed.id else held for held in order.allocations)
    return replace(order, allocations=allocations)


def summary(ledger: Ledger, line_ids: Iterable[str]) -> dict[str, Any]:
    return {
        "state": ledger.order.state.value,
        "cancelled": ledger.cancelled,
        "lines": {line_id: ledger.positions[line_id].counts() for line_id in line_ids},
    }


def _difference(before: Ledger, after: Ledger) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Of a draft that was told anew, a line may be on one side only."""
    touched = [id_ for id_, held in after.positions.items() if _moved(before.positions.get(id_), held)]
    gone = [id_ for id_ in before.positions if id_ not in after.positions]
    known = [id_ for id_ in touched if id_ in before.positions]
    return summary(before, known + gone), summary(after, touched)


def _moved(a: Position | None, b: Position) -> bool:
    return a is None or (a.open, a.pending, a.cancelled, a.fulfilled, a.returned) != (
        b.open,
        b.pending,
        b.cancelled,
        b.fulfilled,
        b.returned,
    )
