"""What the contract shows: requests, the answers that our own mapping gives to them, and what parameters are."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core import create, ids
from app.core.decide import decide
from app.core.ledger import Ledger
from app.core.messages import Context, CreateOrder, NewLine
from app.core.model import Actor, Party
from app.core.policy import Policy
from app.dialects.shopline_admin import bodies, mapping

_AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
_CANCEL = {"reason": "Customer changed their mind"}
_LINES = (NewLine(sku="MUG-RED", title="Red mug", quantity=2, unit_price=1250),)


def _context(minutes: int) -> Context:
    return Context(Actor("", mapping.NAME, Party.SELLER), Policy(), _AT + timedelta(minutes=minutes))


def _examples() -> Mapping[str, Any]:
    command = CreateOrder(number="1001", currency="EUR", lines=_LINES)
    made = create.decide_create(command, "", ids.order_id(_AT, 1 << 40), _context(0)).ledger
    placed = Ledger(replace(made.order, keys={mapping.NAME: "A-1001"}))
    cancelled = decide(placed, mapping.to_cancel(bodies.CancelIn.model_validate(_CANCEL)), _context(1)).ledger
    shown = mapping.from_order(placed)
    return {
        "list_orders": {"answer": {"orders": [shown]}},
        "get_order": {"answer": shown},
        "cancel_order": {"request": _CANCEL, "answer": mapping.from_order(cancelled), "waiting": shown},
    }


EXAMPLES = _examples()

PARAMETERS: Mapping[str, str] = {
    "order_id": "The order's id: the partner's own, or the one that an answer shows.",
    "limit": "How many on a page.",
    "page": "From 1.",
}
