"""What somebody means to do, as calls of this dialect. It cancels orders as a whole, and announces no returns."""

from collections.abc import Sequence
from typing import Any

from app.core.ledger import Ledger
from app.dialects.shopline.goods import id_of
from app.web.dialect import Sample
from app.web.intents import Act, Intent

AUTH = {"Access-Token": "{key}"}
_ORDERS = "/shopline/openapi/2022-01/orders"


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    path = f"{_ORDERS}/{id_of(ledger.order)}"
    if intent.act is Act.READ:
        return [Sample(about="read the order", method="GET", path=path, headers=AUTH)]
    if intent.act is Act.CANCEL and not intent.lines:
        said = intent.reason or intent.reason_code
        reason = {"reason": said} if said else {}
        return [Sample(about="cancel the order", method="POST", path=f"{path}/cancel", headers=AUTH, body=reason)]
    if intent.act is Act.FULFIL:
        body = _shipment(ledger, intent)
        return [Sample(about="ship units", method="POST", path=f"{path}/fulfillments", headers=AUTH, body=body)]
    return []


def _shipment(ledger: Ledger, intent: Intent) -> dict[str, Any]:
    names = {line.id: id_of(line) for line in ledger.order.lines}
    items = [{"id": names[line_id], "ship_quantity": n} for line_id, n in intent.lines.items() if line_id in names]
    facts = {"line_items": items, "tracking_company": intent.carrier, "tracking_number": intent.tracking_code}
    return {name: value for name, value in facts.items() if value}
