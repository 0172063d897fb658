"""What somebody means to do, as calls of this dialect."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.core.ledger import Ledger
from app.web.dialect import Sample
from app.web.intents import Act, Intent

_KEY = {"Authorization": "Bearer {key}"}
_Body = dict[str, Any]


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    path = f"/api/orders/{ledger.order.id}"
    if intent.act is Act.READ:
        return [Sample(about="read the order", method="GET", path=path, headers=_KEY)]
    about, below, body = _ACTS[intent.act]
    return [Sample(about=about, method="POST", path=path + below, headers=_KEY, body=body(ledger, intent))]


def _lines(intent: Intent) -> list[_Body]:
    return [{"line_id": line_id, "quantity": quantity} for line_id, quantity in intent.lines.items()]


def _cancel(_: Ledger, intent: Intent) -> _Body:
    what = {"lines": _lines(intent)} if intent.lines else {"unfulfilled_only": True}
    return {**what, **_reason(intent)}


def _return(ledger: Ledger, intent: Intent) -> _Body:
    lines = [{"line_id": line_id, "quantity": n} for line_id, n in intent.quantities(ledger).items()]
    return {"lines": _lines(intent) or lines, **_reason(intent)}


def _fulfil(_: Ledger, intent: Intent) -> _Body:
    return _there(lines=_lines(intent), carrier=intent.carrier, tracking_code=intent.tracking_code)


def _allocate(_: Ledger, intent: Intent) -> _Body:
    return _there(location_id=intent.location_id, lines=_lines(intent))


def _reason(intent: Intent) -> _Body:
    return _there(reason_code=intent.reason_code, reason=intent.reason)


def _there(**fields: Any) -> _Body:
    return {name: value for name, value in fields.items() if value}


_ACTS: Mapping[Act, tuple[str, str, Callable[[Ledger, Intent], _Body]]] = {
    Act.CANCEL: ("cancel units that are not shipped", "/cancellations", _cancel),
    Act.RETURN: ("announce that units come back", "/returns", _return),
    Act.FULFIL: ("ship units", "/fulfillments", _fulfil),
    Act.ALLOCATE: ("give units to a location", "/allocations", _allocate),
}
