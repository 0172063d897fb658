"""Shopline Admin both ways: what is asked to a command, an order to an answer. Pure."""

from app.core import model
from app.core import units as u
from app.core.ledger import Ledger, Position
from app.core.messages import Cancel
from app.core.ports import Query, Ref
from app.dialects.shopline_admin import bodies, wire

NAME = "shopline_admin"


def to_ref(order_id: str) -> Ref:
    """The partner's own id, or the core's."""
    return Ref.to_order(NAME, order_id)


def to_query(asked: bodies.OrdersQuery) -> Query:
    """Newest first."""
    return Query(descending=True, offset=(asked.page - 1) * asked.limit, limit=asked.limit)


def to_cancel(body: bodies.CancelIn) -> Cancel:
    """The whole order, but for what was shipped."""
    return Cancel(scope=model.Scope.ORDER, keep_shipped=True, reason=model.Reason(None, body.reason))


def id_of(thing: model.Order | model.Line) -> str:
    return thing.keys.get(NAME, thing.id)


def from_order(ledger: Ledger) -> wire.Order:
    order = ledger.order
    return {
        "id": id_of(order),
        "number": order.number,
        "status": "cancelled" if ledger.cancelled else order.state.value,
        "lines": [_line(held) for held in ledger.positions.values()],
    }


def _line(held: Position) -> wire.Line:
    return {
        "id": id_of(held.line),
        "sku": held.line.sku,
        "quantity": held.line.quantity,
        "cancelled": u.count(held.cancelled),
    }
