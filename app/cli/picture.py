"""An order for a terminal: its units as a coloured table, where they are held, what was asked for, what it costs."""

from collections.abc import Callable, Iterable, Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.cli.base import plain
from app.core import model, money, times
from app.core import units as u
from app.core.ledger import Ledger, Position
from app.web.currency import decimal_text

_PLACES = {"open": "cyan", "pending": "yellow", "cancelled": "red", "fulfilled": "green", "returned": "magenta"}
_CASES = {"pending": "yellow", "accepted": "green", "rejected": "red"}
_BAR = 10  # characters, for as many units as there are


def picture(ledger: Ledger, tenant: str, locations: Callable[[str], str]) -> Iterator[RenderableType]:
    """`locations` gives names by id."""
    order = ledger.order
    yield _head(ledger, tenant)
    yield _lines(ledger)
    names = {line.id: line.sku for line in order.lines}
    parts = (
        ("allocations", (_allocation(each, names, locations) for each in order.allocations)),
        ("shipments", (_shipment(each, names) for each in order.fulfillments)),
        ("requests", (_case(ledger, each, names, locations) for each in order.cases)),
        ("refunds", (_refund(order, each) for each in order.refunds)),
        ("money", _money(order)),
    )
    for title, texts in parts:
        found = [*texts]
        if found:
            yield Text(f"\n{title}", style="bold")
            yield from found


def _head(ledger: Ledger, tenant: str) -> Text:
    order = ledger.order
    state = "cancelled" if ledger.cancelled else "shipped" if ledger.shipped else order.state.value
    known = [("id", order.id), *order.keys.items(), ("customer", order.customer.name or order.customer.email)]
    return Text.assemble(
        (plain(order.number), "bold"),
        ("  " + state, "red" if ledger.cancelled else "green"),
        plain(f"  version {order.version}, {tenant}, placed {times.text(order.placed_at)}"),
        "\n",
        (plain(", ".join(f"{name} {value}" for name, value in known if value)), "dim"),
        "\n",
    )


def _lines(ledger: Ledger) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("sku", "ordered", *_PLACES, "", "price", "title"):
        right = name in {"ordered", "price", *_PLACES}
        table.add_column(name, justify="right" if right else "left", style=_PLACES.get(name), no_wrap=True)
    for line in ledger.order.lines:
        held = ledger.positions[line.id]
        counts = (Text(str(n) if n else "·") for n in held.counts().values())
        price = decimal_text(line.unit_price, ledger.order.currency)
        table.add_row(Text(plain(line.sku)), str(line.quantity), *counts, _bar(held), price, Text(plain(line.title)))
    return table


def _bar(held: Position) -> Text:
    """The line's units by where they are; every place that has any gets a character of its own."""
    counts = held.counts()
    counts["fulfilled"] -= counts["returned"]
    text, room = Text(), min(_BAR, held.line.quantity)
    for place, style in _PLACES.items():
        if counts[place]:
            text.append("■" * max(1, round(counts[place] * room / held.line.quantity)), style=style)
    return text


def _allocation(each: model.Allocation, names: dict[str, str], locations: Callable[[str], str]) -> Text:
    by = f" ({each.connector})" if each.connector else ""
    return Text(plain(f"  {locations(each.location_id)}{by}: {each.stage.value}, {_goods(each.items, names)}"))


def _shipment(each: model.Fulfillment, names: dict[str, str]) -> Text:
    parts = [each.carrier, each.tracking_code, times.text(each.created_at)]
    return Text(plain(f"  {each.state.value}: {_goods(each.items, names)}, {', '.join(filter(None, parts))}"))


def _case(ledger: Ledger, case: model.Case, names: dict[str, str], locations: Callable[[str], str]) -> Text:
    taken = [a for a in ledger.order.adjustments if a.case_id == case.id]
    goods = ", ".join(f"{u.count(a.units)} × {names.get(a.line_id or '', a.sku or '')} {a.step.value}" for a in taken)
    text = Text(plain(f"  {case.kind.value} of {case.scope.value}: "))
    text.append(case.state.value, style=_CASES[case.state.value])
    who = f", by {case.actor.party.value} through {case.actor.dialect}, {times.text(case.created_at)}"
    text.append(plain(who + "".join(f", {word!r}" for word in (case.reason.shown, case.message) if word)))
    text.append("\n" + plain(f"    {case.id}  {goods}"), style="dim")
    for ask in case.asks:
        text.append("\n" + plain(f"    asked {locations(ask.location_id)}: "))
        text.append(ask.state.value, style=_CASES[ask.state.value])
        text.append(plain(f", {ask.message!r}" if ask.message else ""))
    return text


def _refund(order: model.Order, refund: model.Refund) -> Text:
    reason = f", {refund.reason.shown!r}" if refund.reason.shown else ""
    return Text(plain(f"  {_amount(order, refund.amount)}, {times.text(refund.created_at)}{reason}"))


def _money(order: model.Order) -> Iterator[Text]:
    rows = {
        "goods": money.order_goods(order),
        "fees": money.order_fees(order),
        "total": money.order_total(order),
        "due": money.order_due(order),
        "paid": money.paid(order),
        "refunded": money.refunded(order),
    }
    text = ", ".join(f"{name} {_amount(order, amount)}" for name, amount in rows.items())
    yield Text(plain(f"  {text}; payment {order.payment.status.value}"))


def _amount(order: model.Order, amount: int) -> str:
    return f"{decimal_text(amount, order.currency)} {order.currency}"


def _goods(items: Iterable[model.LineUnits], names: dict[str, str]) -> str:
    return ", ".join(f"{u.count(item.units)} × {names[item.line_id]}" for item in items)
