"""Money goes back: for certain units, an amount alone, or all there is. Never more than came in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, GiveBack
from app.core.cancel import decide_cancel
from app.core.copying import replace
from app.core.ledger import Ledger, Position
from app.core.messages import Cancel, Change, Context, Target
from app.core.model import Case, Line, Order, PaymentStatus, Reason, Refund, RefundedUnits, Scope, Step
from app.core.refusal import Code, Refusal
from app.core.returns import decide_return, returnable
from app.core.targets import line_of, link_of
from app.core.units import Units
from app.core.write import LineIndex, Numbering, next_version, settle


@dataclass(frozen=True, slots=True)
class _Sum:
    """`fees` is within `amount`."""

    amount: int
    fees: int
    items: tuple[RefundedUnits, ...]


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
    also = [(change.event.type, change.case.id) for change in along if change.event and change.case]
    return settle(before, order, ctx, "order.refunded", case=case, tasks=tasks, movements=movements, also=also)


def made(order: Order, case: Case | None) -> Refund:
    """The refund of a change that was drawn just now: the newest, or the one that came with the case, which may be
    drawn anew when others have followed.
    """
    if case is None:
        return order.refunds[-1]
    began = min(a.steps[0].version for a in order.adjustments if a.case_id == case.id)
    return next(refund for refund in order.refunds if refund.version == began)


def _sum(before: Ledger, command: GiveBack, ctx: Context) -> _Sum:
    left = money.refundable(before.order)
    if command.amount is not None:
        if command.targets:
            raise Refusal(Code.INVALID, field=command.field, problem="goes without lines")
        if not 0 < command.amount <= left:
            raise _out_of_range(before.order, command.field, left)
        return _Sum(command.amount, 0, ())
    if not command.targets:
        left_over = {id_: _not_refunded(held) for id_, held in before.positions.items()}
        items = tuple(RefundedUnits(id_, units) for id_, units in left_over.items() if units)
        return _Sum(left, min(left, _fees(before.order)), items)
    items = _items(before, command, ctx)
    worth = sum(map(before.worth.units, items))
    fees = min(max(0, left - worth), _fees(before.order)) if _last(before, items) else 0
    if not 0 < worth + fees <= left:
        raise _out_of_range(before.order, command.targets[0].field, left)
    return _Sum(worth + fees, fees, items)


def _out_of_range(order: Order, field: str, left: int) -> Refusal:
    return Refusal(Code.AMOUNT_OUT_OF_RANGE, field=field, minimum=1, maximum=left, currency=order.currency)


def _items(before: Ledger, command: GiveBack, ctx: Context) -> tuple[RefundedUnits, ...]:
    index = LineIndex(before.order, ctx.actor.dialect)
    left = {id_: _not_refunded(held) for id_, held in before.positions.items()}
    taken: dict[tuple[str, Reason | None], Units] = {}
    for target in command.targets:
        line, meant = _meant(before, index, target, ctx)
        units = _choose(before.positions[line.id], u.both(left[line.id], meant), target, command)
        left[line.id] = u.minus(left[line.id], units)
        key = line.id, target.reason
        taken[key] = u.union(taken.get(key, u.NONE), units)
    return tuple(RefundedUnits(line_id, units, reason) for (line_id, reason), units in taken.items())


def _meant(before: Ledger, index: LineIndex, target: Target, ctx: Context) -> tuple[Line, Units]:
    """A line, and which of its units: of a chained target those that were cancelled next, else those that stand."""
    if not target.chained:
        line = line_of(before, index, target, ctx.actor.dialect)
        return line, u.span(line.quantity)
    line, since = link_of(before, index, target)
    return line, since.units if since else u.minus(u.span(line.quantity), before.positions[line.id].cancelled)


def _choose(held: Position, left: Units, target: Target, command: GiveBack) -> Units:
    """What is gone or came back first, then what goes or comes back with the refund, then the rest. Where units are to
    be cancelled along, these go first: whoever asks for it has such in mind, not those that were cancelled before.
    """
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
    along = (held.open,) if command.cancel else ()
    last = (home, held.open) if command.receive else (held.open, home)
    for group in (*along, held.cancelled, held.returned, *last, held.pending, held.announced):
        units = u.highest(u.minus(u.both(group, left), chosen), quantity - u.count(chosen))
        chosen = u.union(chosen, units)
    return chosen


def _along(
    before: Ledger, command: GiveBack, wanted: _Sum
) -> Iterator[tuple[Callable[[Ledger, Any, Context], Change], Cancel | AnnounceReturn]]:
    """The cancellation and the return that go with it, as far as units are there for them."""
    open_ = {id_: held.open for id_, held in before.positions.items()}
    if command.cancel and (targets := _targets(wanted.items, open_)):
        yield decide_cancel, Cancel(scope=Scope.LINES, targets=targets, reason=command.reason)
    home = {id_: returnable(held) for id_, held in before.positions.items()}
    items = wanted.items if command.amount is None else tuple(starmap(RefundedUnits, home.items()))
    if command.receive and (targets := _targets(items, home)):
        yield decide_return, AnnounceReturn(targets=targets, reason=command.reason, until=Step.FINISHED)


def _targets(items: Iterable[RefundedUnits], among: dict[str, Units]) -> tuple[Target, ...]:
    return tuple(
        Target(ref=item.line_id, units=units, reason=item.reason)
        for item in items
        if (units := u.both(item.units, among[item.line_id]))
    )


def _last(before: Ledger, items: tuple[RefundedUnits, ...]) -> bool:
    left = {id_: _not_refunded(held) for id_, held in before.positions.items()}
    for item in items:
        left[item.line_id] = u.minus(left[item.line_id], item.units)
    return not any(left.values())


def _fees(order: Order) -> int:
    """What did not go back yet of what is paid beside the goods; a credit says that it has to, not that it did."""
    return max(0, money.order_charges(order) - sum(refund.fees for refund in order.refunds))


def _not_refunded(held: Position) -> Units:
    return u.minus(u.span(held.line.quantity), held.refunded)
