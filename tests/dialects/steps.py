"""`python -m tests.dialects.steps` writes docs/steps.md: Afosto's processes walked, each step as all dialects show it.
No test and no fixture is here."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

from app.store import migrate
from tests.dialects.faces import read_all
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

PAGE = ROOT / "docs/steps.md"
SKU = "MUG-RED"
_LINES = [{"sku": SKU, "title": "Red mug", "quantity": 5, "unit_price": 1250}]
_FEES = [{"kind": "shipping", "title": "Parcel", "amount": 595}]
_CREDIT = 295
_WHO = {"email": "ann@example.com"}
_COLUMNS = ("Step", "Native", "Convictional", "HappyColis", "Shopline", "SHOPLINE Admin", "Afosto")
_HEAD = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}"
_INTRO = """\
# A process, step by step, in every dialect

Written by `python -m tests.dialects.steps`, which walks both processes through Afosto against a running server and reads the order after each step in every dialect; a test does the same and compares. Not to be edited by hand.

The order has five red mugs at 12.50 and a parcel fee of 5.95, is paid, and tracks inventory. Two mugs are cancelled, or come back; 2.95 of the fee is credited. Of each face the table shows:

- Native: the order's state, its units by where they are, `due` in cents, the stock level; the request's state with the step of its units.
- Convictional: `items[].quantity`, struck through where `cancelled`; `shipped` and how many `fulfillments` there are.
- HappyColis: the order's state, the line's `quantity` and status; the request by type and state.
- Shopline: `status`, `fulfillment_status`, `refund_quantity`; the status in `after_sales_list`, if the order is there.
- SHOPLINE Admin: `status`, `fulfillment_status` if there is one, the line's `fulfillable_quantity`; amounts stay as placed.
- Afosto: `status`, `total` in cents, `actions` with the number of ids, the contra rows, how many of the sold items are `is_cancelled`.
"""  # noqa: E501 - a paragraph of Markdown is a line

_ONE_CALL_SAYS = (
    "In dialects without steps: in Afosto it is contra items that are finished, so there is no action for them."
)


def order_of(tenant: Tenant) -> Any:
    return tenant.create(lines=_LINES, fees=_FEES, payment={"status": "paid"}, customer=_WHO, track_inventory=True)


def listed(facts: Iterable[str]) -> str:
    return ", ".join(facts)


def in_native(tenant: Tenant, order: Any) -> str:
    [line] = order["lines"]
    places = ("open", "pending", "cancelled", "fulfilled", "returned")
    counts = listed(f"{line[place]} {place}" for place in places if line[place])
    levels = tenant.api("GET", f"/stock?sku={SKU}")["levels"]
    cases = [f"`{case['type']}` `{case['state']}`: {_steps(case)}" for case in order["cases"]]
    stock = [f"stock {level['level']}" for level in levels]
    return "; ".join([f"`{order['state']}`", counts, f"due {order['due']}", *stock, *cases])


def _steps(case: Any) -> str:
    return listed(sorted({f"`{adjustment['step']}`" for adjustment in case["adjustments"]}))


def in_convictional(order: Any) -> str:
    items = listed(f"~~{x['quantity']}~~" if x["cancelled"] else str(x["quantity"]) for x in order["items"])
    shipped = f"; `shipped`, {len(order['fulfillments'])} fulfillment" if order["shipped"] else ""
    return items + shipped


def in_happycolis(tenant: Tenant, order: Any, cases: Iterable[Any]) -> str:
    [line] = order["lines"]
    facts = [f"`{order['state']}`", f"{line['quantity']} `{line['status']}`"]
    for case in cases:
        document = "query ($id: String!) { dispatchableRequest(id: $id) { type state } }"
        answer = tenant.send(graphql("happycolis", document, id=case["id"])).json()["data"]["dispatchableRequest"]
        facts.append(f"`{answer['type']}` `{answer['state']}`")
    return "; ".join(facts)


def in_shopline(tenant: Tenant, order: Any) -> str:
    [line] = order["line_items"]
    entries = tenant.send(Wire("GET", "/shopline/orders/after_sales_list")).json()["post_sales"]
    after = [f"after-sales `{each['status']}`" for each in entries if each["order_id"] == order["id"]]
    facts = [
        f"`{order['status']}`",
        f"`{order['fulfillment_status']}`",
        f"`refund_quantity` {line['refund_quantity']}",
        *after,
    ]
    return "; ".join(facts)


def in_shopline_admin(order: Any) -> str:
    [line] = order["line_items"]
    statuses = [order["status"], *filter(None, [order["fulfillment_status"]])]
    return "; ".join(
        [*(f"`{status}`" for status in statuses), f"`fulfillable_quantity` {line['fulfillable_quantity']}"]
    )


def in_afosto(order: Any) -> str:
    actions = [f"`{entry['action']}` {len(entry['items'])}" for entry in order["actions"]]
    contras = [
        f"contra {row['quantity']} × {row['total'] // row['quantity']}" for row in order["items"] if row["is_contra"]
    ]
    gone = sum(detail["is_cancelled"] for row in order["items"] if not row["is_contra"] for detail in row["details"])
    cancelled = [f"{gone} `is_cancelled`"] if gone else []
    return "; ".join(
        [f"`{order['status']}`", f"total {order['total']}", *contras, *cancelled, *(actions or ["no action"])]
    )


def seen(tenant: Tenant, order_id: str) -> list[str]:
    """A cell for each dialect."""
    faces = read_all(tenant, order_id)
    return [
        in_native(tenant, faces["native"]),
        in_convictional(faces["convictional"]),
        in_happycolis(tenant, faces["happycolis"], faces["native"]["cases"]),
        in_shopline(tenant, faces["shopline"]),
        in_shopline_admin(faces["shopline_admin"]),
        in_afosto(faces["afosto"]),
    ]


def graphql(dialect: str, document: str, **variables: Any) -> Wire:
    return Wire("POST", f"/{dialect}/graphql", {"query": document, "variables": variables})


class Walk:
    """One order of a tenant of its own, and what an Afosto client says of two of its items."""

    def __init__(self, server: Server) -> None:
        self.tenant = Tenant.add(server)
        self.order = order_of(self.tenant)
        self._location = self.tenant.api("POST", "/locations", {"name": "Rotterdam"})["id"]
        self._contras = [str(uuid4()) for _ in range(2)]

    def begin(self, mutation: str, reason: str) -> None:
        line = self.order["lines"][0]["id"]
        items = [
            {"item_id": f"{line}.{n}", "contra_item_id": contra, "reason": reason}
            for n, contra in enumerate(self._contras, start=1)
        ]
        self.say(mutation, items=items)

    def receive(self) -> None:
        self.say("receiveOrderItems", items=[{"item_id": contra} for contra in self._contras])

    def step(self, mutation: str) -> None:
        self.say(mutation, items=self._contras)

    def credit(self) -> None:
        fees = [{"fee_id": self.order["fees"][0]["id"], "amount": _CREDIT}]
        self._ask("addContraFeesToOrderItems", "items { id }", {"item_ids": self._contras, "fees": fees})

    def restock(self) -> None:
        items = [{"item_id": contra, "location_id": self._location} for contra in self._contras]
        self.say("restockOrderItems", items=items)

    def mail(self, mutation: str) -> None:
        self.say(mutation, item_ids=self._contras)

    def say(self, mutation: str, **given: Any) -> None:
        self._ask(mutation, "order { id actions { action items } }", {"order_id": self.order["id"], **given})

    def _ask(self, mutation: str, told: str, given: Any) -> None:
        name = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ {told} }} }}"
        answer = self.tenant.send(graphql("afosto", document, input=given)).json()
        assert "errors" not in answer, answer

    def row(self, step: str) -> str:
        return "| " + " | ".join([step, *seen(self.tenant, self.order["id"])]) + " |"


def cancelled(server: Server) -> Iterator[str]:
    walk = Walk(server)
    yield walk.row("placed")
    walk.begin("cancelOrderItems", "OUT_OF_STOCK")
    yield walk.row("`cancelOrderItems`")
    yield from ended(walk, "sendCancellationEmail")


def returned(server: Server) -> Iterator[str]:
    walk = Walk(server)
    path = f"/orders/{walk.order['id']}/fulfillments"
    parcel = walk.tenant.api("POST", path, {})["id"]
    yield walk.row("shipped")
    walk.tenant.api("PATCH", f"{path}/{parcel}", {"state": "delivered"})
    yield walk.row("delivered")
    walk.begin("returnOrderItems", "DAMAGED")
    yield walk.row("`returnOrderItems`")
    walk.receive()
    yield walk.row("`receiveOrderItems`")
    yield from ended(walk, "sendReturnEmail")


def ended(walk: Walk, mail: str) -> Iterator[str]:
    """What both processes have in common."""
    walk.step("approveOrderItems")
    yield walk.row("`approveOrderItems`")
    walk.credit()
    yield walk.row("`addContraFeesToOrderItems`")
    walk.restock()
    yield walk.row("`restockOrderItems`")
    walk.step("finishOrderItems")
    yield walk.row("`finishOrderItems`")
    walk.mail(mail)
    yield walk.row(f"`{mail}`")


def in_one_call(server: Server) -> Iterator[str]:
    """Each of the others, which have no steps, on an order of its own."""
    tenant = Tenant.add(server)
    for name, words in ONE_CALL:
        order = order_of(tenant)
        answer = tenant.send(words(order))
        assert answer.is_success, answer.text
        yield "| " + " | ".join([name, *seen(tenant, order["id"])]) + " |"


def _two(order: Any) -> Any:
    return [{"line_id": order["lines"][0]["id"], "quantity": 2}]


ONE_CALL = (
    ("native: two", lambda order: Wire("POST", f"/api/orders/{order['id']}/cancellations", {"lines": _two(order)})),
    (
        "Convictional: `newQuantity` 3",
        lambda order: Wire(
            "POST",
            f"/convictional/orders/{order['id']}/items/{order['lines'][0]['id']}/cancel",
            {"newQuantity": 3, "reason": "Sold out"},
        ),
    ),
    (
        "HappyColis: `orderCancel`",
        lambda order: graphql("happycolis", "mutation ($id: String!) { orderCancel(id: $id) { id } }", id=order["id"]),
    ),
    ("Shopline: cancel", lambda order: Wire("POST", f"/shopline/orders/{order['id']}/cancel", {"reason": "Sold out"})),
    (
        "SHOPLINE Admin: cancel",
        lambda order: Wire("POST", f"/shopline-admin/orders/{order['id']}/cancel.json", {"cancel_reason": "Sold out"}),
    ),
)


def page(server: Server) -> str:
    parts = (
        ("Cancel before shipment", "Each step is the mutation of Afosto that was made.", cancelled(server)),
        ("Return after delivery", "Shipped and delivered through the native API.", returned(server)),
        ("Cancelled in one call", _ONE_CALL_SAYS, in_one_call(server)),
    )
    return _INTRO + "".join(
        f"\n## {title}\n\n{about}\n\n{_HEAD}\n" + "\n".join(rows) + "\n" for title, about, rows in parts
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/steps.db"
        migrate(url)
        with serve(url) as server:
            PAGE.write_text(page(server))


if __name__ == "__main__":
    main()
