"""Afosto's inputs to commands. Pure; looks at no order to decide anything."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from app.core import ids, model
from app.core import units as u
from app.core.aftersales import AnnounceReturn, CreditFees, NewCredit, SendMail, StepTarget, TakeStep
from app.core.commands import AddLines
from app.core.messages import Cancel, CreateOrder, NewLine, Target
from app.core.model import CaseKind, LineType, Reason, Step
from app.core.ports import Ref
from app.core.refusal import Code, Refusal
from app.dialects.afosto import inputs
from app.dialects.afosto.items import NAME
from app.web import tax_rates

_DIGITS = 7
_NO_UNIT: u.Units = ((0, 0),)
"""Of an id that names no unit: units are counted from 1, so no line has it."""


def to_ref(order_id: str) -> Ref:
    """The id by which the order is known here, or the core's."""
    return Ref.to_order(NAME, order_id)


def to_item_ref(item_id: str) -> Ref:
    """The order that an item is of: the id of a contra item is a key, any other has the order's id in it."""
    entry_id, _, _ = item_id.rpartition(".")
    return Ref.through(NAME, "contra", entry_id if ids.looks_like_ours(entry_id) else item_id)


def to_cancel(body: inputs.Items, new_id: Callable[[], str]) -> Cancel:
    """`new_id` makes ids for the contra items that the client has none for."""
    return Cancel(
        scope=model.Scope.LINES,
        targets=_targets(body.items, new_id),
        stepwise=True,
        opened=True,
        reason=Reason(body.items[0].reason),
    )


def to_return(body: inputs.Items, new_id: Callable[[], str]) -> AnnounceReturn:
    return AnnounceReturn(targets=_targets(body.items, new_id), reason=Reason(body.items[0].reason))


def _targets(items: Sequence[inputs.Item], new_id: Callable[[], str]) -> tuple[Target, ...]:
    return tuple(_target(n, item, items[0].reason, new_id) for n, item in enumerate(items))


def _target(n: int, item: inputs.Item, common: str | None, new_id: Callable[[], str]) -> Target:
    """`common` is the reason of the whole; an item has its own only where that is another."""
    line_id, _, number = item.item_id.rpartition(".")
    named = number.isascii() and number.isdigit() and number[0] != "0" and len(number) <= _DIGITS
    units = u.of([int(number)]) if named else _NO_UNIT
    return Target(
        ref=line_id if named else item.item_id,
        units=units,
        contra_ids={str(units[0][0]): item.contra_item_id or new_id()},
        reason=None if item.reason == common else Reason(item.reason),
        field=f"items.{n}.item_id",
    )


def with_place(refusal: Refusal, body: inputs.Items) -> Refusal:
    """The id of a contra item that another order has, by the place where it was given."""
    key = refusal.facts.get("key")
    for n, item in enumerate(body.items):
        if refusal.code is Code.DUPLICATE and key is not None and item.contra_item_id == key:
            return Refusal(Code.DUPLICATE, field=f"items.{n}.contra_item_id")
    return refusal


def to_receive(body: inputs.Receive) -> TakeStep:
    targets = (
        StepTarget(ref=item.item_id, reason=Reason(item.reason) if item.reason else None, field=f"items.{n}.item_id")
        for n, item in enumerate(body.items)
    )
    return TakeStep(step=Step.RECEIVED, targets=tuple(targets), kind=CaseKind.RETURN)


def to_step(step: Step, body: inputs.Step) -> TakeStep:
    return TakeStep(step=step, targets=_steps(body.items, "items"))


def to_restock(body: inputs.Restock) -> TakeStep:
    targets = (
        StepTarget(ref=item.item_id, location_id=item.location_id, field=f"items.{n}.item_id")
        for n, item in enumerate(body.items)
    )
    return TakeStep(step=Step.RESTOCKED, targets=tuple(targets))


def to_credit_fees(body: inputs.ContraFees) -> CreditFees:
    fees = (
        NewCredit(fee_id=fee.fee_id, amount=fee.amount, field=f"fees.{n}.fee_id") for n, fee in enumerate(body.fees)
    )
    return CreditFees(targets=_steps(body.item_ids, "item_ids"), credits=tuple(fees))


def to_mail(kind: CaseKind, body: inputs.Mail) -> SendMail:
    return SendMail(kind=kind, targets=_steps(body.item_ids, "item_ids"))


def _steps(item_ids: Iterable[str], field: str) -> tuple[StepTarget, ...]:
    return tuple(StepTarget(ref=item_id, field=f"{field}.{n}") for n, item_id in enumerate(item_ids))


def to_create(body: inputs.NewOrder) -> CreateOrder:
    who, delivery = body.customer, _address(body.delivery)
    if body.country_code is not None:
        delivery = delivery or model.Address()
        delivery = replace(delivery, country_code=delivery.country_code or body.country_code)
    kept = {"channel_id": body.channel_id, "phone_number_id": body.phone_number_id}
    extras = {name: value for name, value in kept.items() if value is not None}
    return CreateOrder(
        draft=True,
        currency=body.currency,
        customer=model.Customer(name=who.name, email=who.email, phone=who.phone_number),
        shipping_address=delivery,
        billing_address=_address(body.billing),
        lines=(),
        prices_include_tax=body.is_including_vat,
        extras={NAME: extras} if extras else {},
    )


def _address(address: inputs.Address | None) -> model.Address | None:
    if address is None:
        return None
    return model.Address(
        name=address.name,
        company=address.organisation,
        address1=address.address_line_1,
        address2=address.address_line_2,
        city=address.locality,
        province=address.administrative_area,
        zip=address.postal_code,
        country_code=address.country_code,
        phone=address.phone_number,
        email=address.email,
    )


def to_add_items(body: inputs.NewItems) -> AddLines:
    return AddLines(lines=tuple(_line(item) for item in body.items))


def _line(item: inputs.NewItem) -> NewLine:
    return NewLine(
        ref=item.ref,
        sku=item.sku,
        title=item.label,
        quantity=item.quantity,
        unit_price=item.price,
        tax_rate=tax_rates.exact(item.vat_rate, percent=True),
        type=LineType[item.type],
        parent=item.parent,
    )
