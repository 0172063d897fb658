"""Orders come into being, are opened, and have their texts edited."""

from collections.abc import Mapping
from typing import Any

from app.core.copying import replace
from app.core.ledger import Ledger
from app.core.messages import Change, Context, CreateOrder, EditOrder, Event, ForeignKey, NewFee, NewLine, OpenOrder
from app.core.model import Fee, Line, Order, OrderState
from app.core.people import REFUNDED
from app.core.refusal import Code, Refusal
from app.core.write import Numbering, settle, summary

_MOST_METADATA = 64
_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letters that read as digits


def decide_create(command: CreateOrder, tenant_id: str, order_id: str, ctx: Context) -> Change:
    """A new order at version 1. Refuses a parent handle that no line has."""
    numbering = Numbering(order_id, 0)
    lines = new_lines(command.lines, numbering)
    fees = new_fees(command.fees, numbering)
    order = Order(
        tenant_id=tenant_id,
        id=order_id,
        number=command.number or number_of(order_id),
        state=OrderState.DRAFT if command.draft else OrderState.OPEN,
        version=1,
        currency=command.currency,
        prices_include_tax=command.prices_include_tax,
        track_inventory=ctx.policy.track_inventory if command.track_inventory is None else command.track_inventory,
        manual=command.manual,
        lines=lines,
        fees=fees,
        customer=command.customer,
        shipping_address=command.shipping_address,
        billing_address=command.billing_address,
        payment=command.payment,
        keys=command.keys,
        language=command.language,
        note=command.note,
        tags=command.tags,
        metadata=command.metadata,
        extras=command.extras,
        children=numbering.used,
        placed_at=command.placed_at or ctx.now,
        opened_at=None if command.draft else ctx.now,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    ledger = Ledger(order)
    event = Event("order.created", order.id, 1, ctx.now, ctx.actor, None, {}, summary(ledger, ledger.positions))
    return Change(ledger=ledger, event=event, keys=_keys(order), new=True)


def decide_open(before: Ledger, command: OpenOrder, ctx: Context) -> Change:
    if before.order.state is not OrderState.DRAFT:
        raise Refusal(Code.NOT_A_DRAFT)
    return settle(before, replace(before.order, state=OrderState.OPEN, opened_at=ctx.now), ctx, "order.opened")


def decide_edit(before: Ledger, command: EditOrder, ctx: Context) -> Change:
    """Refuses: INVALID (an extra is not what was expected, money went back, or too much metadata), NOT_SHIPPED, BUSY
    (changed since).
    """
    order = before.order
    extras = order.extras
    _check_edit(before, command, extras.get(ctx.actor.dialect, {}))
    if command.extras:
        extras = {**extras, ctx.actor.dialect: {**extras.get(ctx.actor.dialect, {}), **command.extras}}
    edited = replace(
        order,
        metadata=_metadata(order, command.metadata or {}),
        note=order.note if command.note is None else command.note,
        tags=order.tags if command.tags is None else command.tags,
        shipping_address=command.shipping_address or order.shipping_address,
        extras=extras,
    )
    if edited == order:
        return Change(ledger=before)
    return settle(before, edited, ctx, "order.updated")


def _metadata(order: Order, told: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = {name: value for name, value in order.metadata.items() if name not in told}
    merged = {**kept, **{name: value for name, value in told.items() if value is not None}}
    if told and len(merged) > _MOST_METADATA:
        raise Refusal(Code.INVALID, field="metadata", problem=f"would have more than {_MOST_METADATA} names")
    return merged


def _check_edit(before: Ledger, command: EditOrder, known: Mapping[str, Any]) -> None:
    for name, value in command.expected.items():
        if known.get(name) != value:
            facts = {"found": str(known[name])} if known.get(name) is not None else {}
            raise Refusal(Code.INVALID, field=name, problem="is not as it would have to be", **facts)
    if command.shipped and not before.shipped:
        raise Refusal(Code.NOT_SHIPPED, field=None)
    if command.unrefunded and (before.order.refunds or before.order.payment.status in REFUNDED):
        raise Refusal(Code.INVALID, field="refunds", problem="are there already")
    if command.unarchived and before.order.archived_at is not None:
        raise Refusal(Code.ARCHIVED)
    if command.version is not None and command.version != before.order.version:
        raise Refusal(Code.BUSY)


def number_of(order_id: str) -> str:
    """A number for an order that came without one: the 54 random bits of its id in eleven letters."""
    value = int(order_id.replace("-", ""), 16)
    bits = (value >> 64 & 0xFFF) << 42 | (value >> 20 & (1 << 42) - 1)
    return "DR-" + "".join(_BASE32[bits >> shift & 31] for shift in range(50, -1, -5))


def new_fees(wanted: tuple[NewFee, ...], numbering: Numbering) -> tuple[Fee, ...]:
    return tuple(Fee(id=numbering.next(), kind=fee.kind, title=fee.title or "", amount=fee.amount) for fee in wanted)


def new_lines(wanted: tuple[NewLine, ...], numbering: Numbering) -> tuple[Line, ...]:
    given = {line.ref: numbering.next() for line in wanted if line.ref is not None}
    _check_circles(wanted)
    lines = []
    for n, line in enumerate(wanted):
        if line.parent is not None and line.parent not in given:
            raise Refusal(Code.INVALID, field=f"lines.{n}.parent_id", problem="no line has this id")
        lines.append(
            Line(
                id=given[line.ref] if line.ref is not None else numbering.next(),
                sku=line.sku,
                title=line.title if line.title is not None else line.sku,
                quantity=line.quantity,
                unit_price=line.unit_price,
                tax_rate=line.tax_rate,
                type=line.type,
                parent_id=given[line.parent] if line.parent is not None else None,
                keys=line.keys,
            )
        )
    if len(given) != sum(line.ref is not None for line in wanted):
        raise Refusal(Code.INVALID, field="lines", problem="two lines have the same id")
    return tuple(lines)


def _check_circles(wanted: tuple[NewLine, ...]) -> None:
    parents = {line.ref: line.parent for line in wanted}
    sound: set[str | None] = {None}
    for n, line in enumerate(wanted):
        way: set[str | None] = set()
        ref = line.ref
        while ref not in sound:
            if ref in way:
                raise Refusal(Code.INVALID, field=f"lines.{n}.parent_id", problem="leads round in a circle")
            way.add(ref)
            ref = parents.get(ref)
        sound |= way


def _keys(order: Order) -> tuple[ForeignKey, ...]:
    keys = [ForeignKey(dialect, "order", key) for dialect, key in order.keys.items()]
    keys += [ForeignKey(dialect, "line", key) for line in order.lines for dialect, key in line.keys.items()]
    if len(set(keys)) != len(keys):
        raise Refusal(Code.INVALID, field="lines", problem="two lines have the same key")
    return tuple(keys)
