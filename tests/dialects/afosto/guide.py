"""A client as the two guides have it, on somebody else's library: it does what `order.actions` says until nothing is
left. No test and no fixture is here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from gql import Client, gql
from gql.client import SyncClientSession
from gql.transport.httpx import HTTPXTransport

from tests.dialects.server import PATIENCE
from tests.dialects.tenants import Tenant

_TOLD = "id number status total currency actions { action items } fees { shipping { ...fee } payment { ...fee } }"
_FEE = " fragment fee on Fee { id description is_contra total }"
_ITEMS = "query ($id: String!) { order(id: $id) { items { ids sku type is_contra details { id item_id } } } }"
_LOCATIONS = "query { inventoryLocations(first: 1) { nodes { id name } } }"


@contextmanager
def connected(tenant: Tenant, key: str = "") -> Iterator[SyncClientSession]:
    """The documents are checked against the schema that the server tells."""
    headers = {"Authorization": f"Bearer {key or tenant.key}"}
    transport = HTTPXTransport(url=f"{tenant.server.base}/afosto/graphql", headers=headers, timeout=PATIENCE)
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        yield session


@dataclass(frozen=True)
class Choices:
    """What a client may do or leave."""

    own_ids: bool
    fees: bool
    restock: bool
    mail: bool


@dataclass
class Guide:
    session: SyncClientSession
    order_id: str
    choices: Choices
    done: list[str] = field(default_factory=list)
    """The mutations that were made."""

    def read(self) -> Any:
        return self._ask(f"query ($id: String!) {{ order(id: $id) {{ {_TOLD} }} }}" + _FEE, id=self.order_id)["order"]

    def items(self) -> list[Mapping[str, Any]]:
        shown: list[Mapping[str, Any]] = self._ask(_ITEMS, id=self.order_id)["order"]["items"]
        return shown

    def cancel(self, item_ids: list[str]) -> Any:
        return self._begin("cancelOrderItems", item_ids, "OUT_OF_STOCK")

    def announce(self, item_ids: list[str]) -> Any:
        return self._begin("returnOrderItems", item_ids, "SIZE_TOO_SMALL")

    def contras(self, item_ids: list[str]) -> list[str]:
        """What takes these items back, as the order shows it."""
        return [
            detail["id"] for row in self.items() for detail in row["details"] if detail["item_id"] in {*item_ids}
        ]  # fmt: skip

    def step(self, mutation: str, ids: list[str]) -> Any:
        """Approve or finish these, whatever `order.actions` lists beside them."""
        return self._do(mutation, items=ids)

    def receive(self, item_ids: list[str]) -> Any:
        return self._do("receiveOrderItems", items=[{"item_id": item_id} for item_id in item_ids])

    def follow(self, order: Any) -> Any:
        """The loop of the guides: read the actions, do one of them, read again. The order as it is at the end."""
        for _ in range(20):
            if not order["actions"]:
                return order
            entry = order["actions"][0]
            order = getattr(self, f"_{entry['action'].lower()}")(entry["items"])
        raise AssertionError("the actions never end")

    def credit(self, ids: list[str], fees: list[Any]) -> None:
        """Without an order's id, and without an order in its answer."""
        document = (
            "mutation ($input: AddContraFeesToOrderItemsInput!)"
            " { addContraFeesToOrderItems(input: $input) { items { id fees { ...fee } } } }"
        )
        answer = self._ask(document + _FEE, input={"item_ids": ids, "fees": fees})["addContraFeesToOrderItems"]
        assert [item["id"] for item in answer["items"]] == ids
        assert [-fee["total"] for fee in answer["items"][0]["fees"]] == [fee["amount"] for fee in fees]
        self.done.append("addContraFeesToOrderItems")

    def tell(self, mutation: str, item_ids: list[str]) -> None:
        if self.choices.mail:
            self._do(mutation, item_ids=item_ids)

    def _begin(self, mutation: str, item_ids: list[str], reason: str) -> Any:
        contra_ids = [str(uuid4()) if self.choices.own_ids else None for _ in item_ids]
        items = [
            {"item_id": item_id, "contra_item_id": contra_id, "reason": reason}
            for item_id, contra_id in zip(item_ids, contra_ids, strict=True)
        ]
        return self._do(mutation, items=items)

    def _handle_approval(self, ids: list[str]) -> Any:
        order = self._do("approveOrderItems", items=ids)
        fees = [fee for kind in order["fees"].values() for fee in kind if not fee["is_contra"]]
        if self.choices.fees and fees:
            self.credit(ids, [{"fee_id": fee["id"], "amount": fee["total"]} for fee in fees])
        return order

    def _handle_restock(self, ids: list[str]) -> Any:
        if not self.choices.restock:
            return self._handle_finish(ids)
        [location] = self._ask(_LOCATIONS)["inventoryLocations"]["nodes"]
        return self._do("restockOrderItems", items=[{"item_id": id_, "location_id": location["id"]} for id_ in ids])

    def _handle_finish(self, ids: list[str]) -> Any:
        return self._do("finishOrderItems", items=ids)

    def _do(self, mutation: str, **given: Any) -> Any:
        name = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation ($input: {name}!) {{ {mutation}(input: $input) {{ order {{ {_TOLD} }} }} }}" + _FEE
        answer = self._ask(document, input={"order_id": self.order_id, **given})
        self.done.append(mutation)
        return answer[mutation]["order"]

    def _ask(self, document: str, **variables: Any) -> Any:
        asked = gql(document)
        asked.variable_values = variables
        return self.session.execute(asked)
