"""What somebody means to do, as calls of this dialect. It cancels orders as a whole, and announces no returns."""

from collections.abc import Sequence
from typing import Any

from app.core.ledger import Ledger
from app.dialects.shopline_admin.goods import id_of
from app.web.dialect import Sample
from app.web.intents import Act, Intent

_AUTH = {"Authorization": "Bearer {key}"}
_ORDERS = "/shopline-admin/admin/openapi/v20260901/orders"


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    path = f"{_ORDERS}/{id_of(ledger.order)}"
    if intent.act is Act.READ:
        return [Sample(about="read the order", method="GET", path=f"{path}.json", headers=_AUTH)]
    if intent.act is Act.CANCEL and not intent.lines:
        said = intent.reason or intent.reason_code
        body = {"cancel_reason": said} if said else {}
        return [Sample(about="cancel the order", method="POST", path=f"{path}/cancel.json", headers=_AUTH, body=body)]
    if intent.act is Act.FULFIL:
        shipped = {"fulfillment": _shipment(ledger, intent)}
        path = f"{path}/fulfillments.json"
        return [Sample(about="ship units", method="POST", path=path, headers=_AUTH, body=shipped)]
    return []


def _shipment(ledger: Ledger, intent: Intent) -> dict[str, Any]:
    names = {line.id: id_of(line) for line in ledger.order.lines}
    items = [{"id": names[line_id], "quantity": n} for line_id, n in intent.lines.items() if line_id in names]
    facts = {"line_items": items, "tracking_company": intent.carrier, "tracking_number": intent.tracking_code}
    return {name: value for name, value in facts.items() if value}
