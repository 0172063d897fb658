"""A cancellation in Afosto's words, each step a request of its own. No test and no fixture is here."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.dialects.server import Wire

STEPS = ("approve", "finish")
_TOLD = "{ order { id } }"


def read(order_id: str) -> Wire:
    details = "details { id contra_item_id inventory { is_deducted } }"
    items = f"items {{ sku is_contra {details} }}"
    return _ask(f"query ($id: String!) {{ order(id: $id) {{ {items} actions {{ action items }} }} }}", id=order_id)


def left(body: Any, order: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Items that can still be cancelled, by the lines of the order, whose skus are different ones."""
    lines = {line["sku"]: line["id"] for line in order["lines"]}
    found = [
        (lines[row["sku"]], [x["id"] for x in row["details"] if not (x["contra_item_id"] or _shipped(x))])
        for row in body["data"]["order"]["items"]
        if not row["is_contra"]
    ]
    return [(line_id, items) for line_id, items in found if items]


def _shipped(detail: Any) -> bool:
    return bool(detail["inventory"]["is_deducted"])


def cancel(order_id: str, contras: Mapping[str, str], reason: str) -> Wire:
    items = [{"item_id": item, "contra_item_id": contra, "reason": reason} for item, contra in contras.items()]
    return _mutation("cancel", order_id, items)


def take(step: str, order_id: str, contras: Sequence[str]) -> Wire:
    return _mutation(step, order_id, list(contras))


def left_to_do(body: Any) -> Mapping[str, Sequence[str]]:
    """Step by what it is for; nothing here goes back on a shelf."""
    todo = {entry["action"]: entry["items"] for entry in body["data"]["order"]["actions"]}
    finish = [*todo.get("HANDLE_RESTOCK", ()), *todo.get("HANDLE_FINISH", ())]
    return {"approve": todo.get("HANDLE_APPROVAL", ()), "finish": finish}


def status(told: Any, kind: str) -> int:
    """What REST would have said: what was only begun is not decided."""
    if "errors" in told:
        return int(told["errors"][0]["extensions"]["status"])
    return 202 if kind == "cancel" else 200


def _mutation(step: str, order_id: str, items: Sequence[Any]) -> Wire:
    name = f"{step}OrderItems"
    document = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {_TOLD} }}"
    return _ask(document, input={"order_id": order_id, "items": items})


def _ask(document: str, **variables: Any) -> Wire:
    return Wire("POST", "/afosto/graphql", {"query": document, "variables": variables})
