"""A draft is told anew: nothing was promised to anybody yet, so its lines may still be others."""

from collections.abc import Mapping
from typing import Any

from app.core import money
from app.core.commands import AddLines, ReviseDraft
from app.core.copying import replace
from app.core.create import new_fees, new_lines
from app.core.ledger import Ledger
from app.core.messages import Change, Context
from app.core.model import Fee, Line, Order, OrderState
from app.core.refusal import Code, Refusal
from app.core.write import Numbering, settle

MOST_LINES = 2_000
"""Of an order that grows."""


def decide_revise(before: Ledger, command: ReviseDraft, ctx: Context) -> Change:
    """A line that has the sku of one that was there keeps its id, its keys and its place in a bundle.

    Refuses: NOT_A_DRAFT; INVALID (no line is left; or part of the draft was cancelled, or money of it went back: then
    its lines or fees stay; or amounts would mean something else than before).
    """
    order = before.order
    if order.state is not OrderState.DRAFT:
        raise Refusal(Code.NOT_A_DRAFT)
    _check_amounts(order, command)
    numbering = Numbering(order.id, order.children)
    told = {name: value for name in _PLAIN if (value := getattr(command, name)) is not None}
    revised: Order = replace(
        order,
        lines=order.lines if command.lines is None else _lines(before, command, numbering),
        fees=_fees(before, command, numbering),
        extras=_extras(order, command, ctx),
        children=numbering.used,
        **told,
    )
    if replace(revised, children=order.children) == order:
        return Change(ledger=before)
    return settle(before, _valued(order, revised), ctx, "order.updated")


def decide_add_lines(before: Ledger, command: AddLines, ctx: Context) -> Change:
    """Refuses: NOT_A_DRAFT, INVALID (no line, more than an order may have, or a parent that is not among them)."""
    order = before.order
    if order.state is not OrderState.DRAFT:
        raise Refusal(Code.NOT_A_DRAFT)
    if not command.lines or len(order.lines) + len(command.lines) > MOST_LINES:
        raise Refusal(Code.INVALID, field="lines", problem=f"must be from 1 to {MOST_LINES} with those it has")
    numbering = Numbering(order.id, order.children)
    lines = (*order.lines, *new_lines(command.lines, numbering))
    grown = replace(order, lines=lines, children=numbering.used)
    return settle(before, _valued(order, grown), ctx, "order.updated")


def _valued(order: Order, revised: Order) -> Order:
    """What came in stays what it was; what was taken off is worth its share of the discount as that is spread now."""
    payment, worth = revised.payment, money.Worth(revised)
    if payment.status in money.CAME_IN:
        payment = replace(payment, amount=money.paid(order))
    adjustments = tuple(replace(a, amount=worth.part(a, a.units)) for a in revised.adjustments)
    return replace(revised, payment=payment, adjustments=adjustments)


_PLAIN = ("currency", "prices_include_tax", "customer", "shipping_address", "placed_at", "note", "manual")


def _check_amounts(order: Order, command: ReviseDraft) -> None:
    same_money = command.currency in {None, order.currency}
    same_tax = command.prices_include_tax in {None, order.prices_include_tax}
    all_told = command.lines is not None and (command.fees is not None or not order.fees)
    if not all_told and not (same_money and same_tax):
        raise Refusal(Code.INVALID, field="currency", problem="changes only together with all lines and fees")


def _fees(before: Ledger, command: ReviseDraft, numbering: Numbering) -> tuple[Fee, ...]:
    if command.fees is None:
        return before.order.fees
    if before.order.fee_credits:
        raise Refusal(Code.INVALID, field="fees", problem="stay as they are: some were credited")
    _check_not_refunded(before.order, "fees")
    return new_fees(command.fees, numbering)


def _check_not_refunded(order: Order, field: str) -> None:
    if order.refunds:
        raise Refusal(Code.INVALID, field=field, problem="stay as they are: money of the draft went back")


def _lines(before: Ledger, command: ReviseDraft, numbering: Numbering) -> tuple[Line, ...]:
    if not command.lines:
        raise Refusal(Code.INVALID, field="lines", problem="names no line")
    if before.order.adjustments:
        raise Refusal(Code.INVALID, field="lines", problem="stay as they are: part of the draft was cancelled")
    _check_not_refunded(before.order, "lines")
    left: dict[str, list[Line]] = {}
    for old in reversed(before.order.lines):
        left.setdefault(old.sku, []).append(old)
    lines = []
    for fresh in new_lines(command.lines, numbering):
        same = left.get(fresh.sku)
        if not same:
            lines.append(fresh)
        else:
            known = same.pop()
            lines.append(replace(fresh, id=known.id, keys=known.keys, type=known.type, parent_id=known.parent_id))
    there = {line.id for line in lines}
    return tuple(line if line.parent_id in there else replace(line, parent_id=None) for line in lines)


def _extras(order: Order, command: ReviseDraft, ctx: Context) -> Mapping[str, Any]:
    if command.extras is None:
        return order.extras
    return {**order.extras, ctx.actor.dialect: {**order.extras.get(ctx.actor.dialect, {}), **command.extras}}
