"""What somebody means to do, as calls of this dialect. It has none for returns, and none that involve a location."""

from collections.abc import Sequence
from typing import Any

from app.core import units as u
from app.core.ledger import Ledger
from app.dialects.convictional import chain
from app.dialects.convictional.chain import NAME
from app.web.dialect import Sample
from app.web.intents import Act, Intent

AUTH = {"Authorization": "{key}"}


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    path = f"/convictional/orders/{ledger.order.keys.get(NAME, ledger.order.id)}"
    if intent.act is Act.READ:
        return [Sample(about="read the order", method="GET", path=path, headers=AUTH)]
    if intent.act is Act.FULFIL:
        return [_post("ship units", f"{path}/fulfillments", _shipment(ledger, intent))]
    if intent.act is not Act.CANCEL:
        return []
    reason = {"reason": intent.reason or intent.reason_code or ""}
    if not intent.lines:
        return [_post("cancel what is not fulfilled", f"{path}/cancel", {"unfulfilledOnly": True, **reason})]
    return [
        _post(
            "cancel all but newQuantity units of an item", f"{path}/items/{item}/cancel", {"newQuantity": n, **reason}
        )
        for item, n in _staying(ledger, intent)
    ]


def _staying(ledger: Ledger, intent: Intent) -> list[tuple[str, int]]:
    """The last item of each line's chain, and how many units of it stay: the dialect names those, not the cancelled."""
    tails = chain.tails(ledger)
    return [
        (tails[line_id], held.line.quantity - u.count(held.cancelled) - intent.lines[line_id])
        for line_id, held in ledger.positions.items()
        if line_id in intent.lines
    ]


def _shipment(ledger: Ledger, intent: Intent) -> dict[str, Any]:
    ordinals = {line.id: n for n, line in enumerate(ledger.order.lines, start=1)}
    items = [{"id": ordinals[line_id], "quantity": n} for line_id, n in intent.lines.items() if line_id in ordinals]
    facts = {"carrier": intent.carrier, "trackingCode": intent.tracking_code, "items": items}
    return {name: value for name, value in facts.items() if value}


def _post(about: str, path: str, body: dict[str, Any]) -> Sample:
    return Sample(about=about, method="POST", path=path, headers=AUTH, body=body)
