"""Money goes back: for certain units, an amount alone, or all there is. Never more than came in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, GiveBack
from app.core.cancel import decide_cancel
from app.core.ledger import Ledger, Position
from app.core.messages import Cancel, Change, Context, Target
from app.core.model import LineUnits, Order, PaymentStatus, Refund, Scope, Step
from app.core.refusal import Code, Refusal
from app.core.returns import decide_return, returnable
from app.core.targets import line_of
from app.core.units import Units
from app.core.write import LineIndex, Numbering, next_version, settle


@dataclass(frozen=True, slots=True)
class _Sum:
    """`fees` is within `amount`."""

    amount: int
    fees: int
    items: tuple[LineUnits, ...]


def decide_give_back(before: Ledger, command: GiveBack, ctx: Context) -> Change:
    """Refund, and cancel or take back what goes with it, in one change.

    A cancellation that a warehouse must agree to stays pending, as it always does; the money goes back all the same.

    Refuses: NOTHING_TO_REFUND, AMOUNT_OUT_OF_RANGE, LINE_NOT_FOUND, QUANTITY_OUT_OF_RANGE, INVALID, and as the
    cancellation or return would.
    """
    if money.refundable(before.order) <= 0:
        raise Refusal(Code.NOTHING_TO_REFUND)
    wanted = _sum(before, command, ctx)
    held, along = before, list[Change]()
    for decide, part in _along(before, command, wanted):
        along.append(decide(held, part, ctx))
        # All of it is one change: it is written down with one version.
        held = Ledger(replace(along[-1].ledger.order, version=before.order.version))
    numbering = Numbering(held.order.id, held.order.children)
    refund = Refund(
        id=numbering.next(),
        amount=wanted.amount,
        fees=wanted.fees,
        items=wanted.items,
        reason=command.reason,
        actor=ctx.actor,
        version=next_version(before),
        created_at=ctx.now,
    )
    order = replace(held.order, refunds=(*held.order.refunds, refund), children=numbering.used)
    status = PaymentStatus.PARTIALLY_REFUNDED if money.refundable(order) else PaymentStatus.REFUNDED
    order = replace(order, payment=replace(order.payment, status=status, amount=money.paid(order)))
    tasks = tuple(task for change in along for task in change.tasks)
    movements = [movement for change in along for movement in change.movements]
    case = along[0].case if along else None
    return settle(before, order, ctx, "order.refunded", case=case, tasks=tasks, movements=movements)


def _sum(before: Ledger, command: GiveBack, ctx: Context) -> _Sum:
    left = money.refundable(before.order)
    if command.amount is not None:
        if command.targets:
            raise Refusal(Code.INVALID, field=command.field, problem="goes without lines")
        if not 0 < command.amount <= left:
            raise Refusal(Code.AMOUNT_OUT_OF_RANGE, field=command.field, minimum=1, maximum=left)
        return _Sum(command.amount, 0, ())
    if not command.targets:
        items = tuple(LineUnits(id_, units) for id_, held in before.positions.items() if (units := _not_refunded(held)))
        return _Sum(left, min(left, _fees(before.order)), items)
    items = _items(before, command, ctx)
    worth = sum(_worth(before, item) for item in items)
    fees = min(max(0, left - worth), _fees(before.order)) if _last(before, items) else 0
    if not 0 < worth + fees <= left:
        raise Refusal(Code.AMOUNT_OUT_OF_RANGE, field=command.targets[0].field, minimum=1, maximum=left)
    return _Sum(worth + fees, fees, items)


def _items(before: Ledger, command: GiveBack, ctx: Context) -> tuple[LineUnits, ...]:
    index = LineIndex(before.order, ctx.actor.dialect)
    taken: dict[str, Units] = {}
    for target in command.targets:
        line = line_of(before, index, target, ctx.actor.dialect)
        held = before.positions[line.id]
        left = u.minus(_not_refunded(held), taken.get(line.id, u.NONE))
        units = _choose(held, left, target, command)
        taken[line.id] = u.union(taken.get(line.id, u.NONE), units)
    return tuple(LineUnits(line_id, units) for line_id, units in taken.items())


def _choose(held: Position, left: Units, target: Target, command: GiveBack) -> Units:
    """What is gone or came back first, then what goes or comes back with the refund, then the rest."""
    available = u.count(left)
    if target.units:
        if u.minus(target.units, left):
            raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
        return target.units
    quantity = available if target.quantity is None else target.quantity
    if not 0 < quantity <= available:
        raise Refusal(Code.QUANTITY_OUT_OF_RANGE, field=target.field, minimum=1, maximum=available)
    chosen: Units = u.NONE
    home = returnable(held)
    last = (home, held.open) if command.receive else (held.open, home)
    for group in (held.cancelled, held.returned, *last, held.pending, held.announced):
        units = u.highest(u.minus(u.both(group, left), chosen), quantity - u.count(chosen))
        chosen = u.union(chosen, units)
    return chosen


def _along(
    before: Ledger, command: GiveBack, wanted: _Sum
) -> Iterator[tuple[Callable[[Ledger, Any, Context], Change], Cancel | AnnounceReturn]]:
    """The cancellation and the return that go with it, as far as units are there for them."""
    open_ = {id_: held.open for id_, held in before.positions.items()}
    if command.cancel and (targets := _targets(wanted, open_)):
        yield decide_cancel, Cancel(scope=Scope.LINES, targets=targets, reason=command.reason)
    home = {id_: returnable(held) for id_, held in before.positions.items()}
    if command.receive and (targets := _targets(wanted, home)):
        yield decide_return, AnnounceReturn(targets=targets, reason=command.reason, until=Step.FINISHED)


def _targets(wanted: _Sum, among: dict[str, Units]) -> tuple[Target, ...]:
    return tuple(
        Target(ref=item.line_id, units=units)
        for item in wanted.items
        if (units := u.both(item.units, among[item.line_id]))
    )


def _worth(before: Ledger, item: LineUnits) -> int:
    line = before.positions[item.line_id].line
    return money.units_gross(line, item.units, tax_included=before.order.prices_include_tax)


def _last(before: Ledger, items: tuple[LineUnits, ...]) -> bool:
    taken = {item.line_id: item.units for item in items}
    return not any(u.minus(_not_refunded(held), taken.get(id_, u.NONE)) for id_, held in before.positions.items())


def _fees(order: Order) -> int:
    """What did not go back yet of fees; a credit says that it has to, not that it did."""
    return max(0, money.order_fees(order) - sum(refund.fees for refund in order.refunds))


def _not_refunded(held: Position) -> Units:
    return u.minus(u.span(held.line.quantity), held.refunded)
