"""What somebody means to do, as documents of this dialect. It cancels all that is not shipped, or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.ledger import Ledger
from app.dialects.happycolis.picture import id_of
from app.web.dialect import Sample
from app.web.intents import Act, Intent

_READ = """query Order($id: String!) {
  order(id: $id) {
    id externalReference state locked total totalTaxInclusive totalShipping currency issuedAt completedAt
    buyer { fullname email }
    lines { id sku label quantity fulfilledQuantity status }
    fulfillmentData { deliveryOrders {
      id orderNumber status type location { id name }
      lines { sku quantity fulfilledQuantity status }
      fulfillmentData { events { type level message date } }
    } }
  }
}"""
_CANCEL = """mutation Cancel($id: String!) {
  orderCancel(id: $id) { id type state message }
}"""
_PLAN = """mutation Plan($input: DeliveryOrderInput!) {
  deliveryOrderCreate(input: $input) { id orderNumber status lines { sku quantity } }
}"""


def calls(ledger: Ledger, intent: Intent) -> Sequence[Sample]:
    order_id = id_of(ledger.order)
    if intent.act is Act.READ:
        return [_call("read the order with its delivery orders", _READ, {"id": order_id})]
    if intent.act is Act.CANCEL and not intent.lines:
        return [_call("ask for the cancellation of what is not shipped", _CANCEL, {"id": order_id})]
    if intent.act is Act.ALLOCATE:
        names = {line.id: id_of(line) for line in ledger.order.lines}
        lines = [{"orderLineId": names[line], "quantity": n} for line, n in intent.quantities(ledger).items()]
        given = {"orderId": order_id, "locationId": intent.location_id, "lines": lines}
        return [_call("plan a delivery order", _PLAN, {"input": given})]
    return []


def _call(about: str, query: str, variables: Mapping[str, Any]) -> Sample:
    return Sample(
        about=about,
        method="POST",
        path="/happycolis/graphql",
        headers={"Authorization": "Bearer {key}"},
        body={"query": query, "variables": variables},
    )
