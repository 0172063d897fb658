"""Compares what receivers were sent with what happened and with the delivery log. No test and no fixture is here."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.torture.facts import Facts
from tests.torture.receiver import Receipt

_Expected = Callable[[Sequence[Any]], Counter[str]]
"""The history of an order to how often each topic is due."""


def findings(facts: Facts) -> list[str]:
    checks = (_trusted, _logged, _delivered, _announced, _in_order, _idle)
    return [finding for check in checks for finding in check(facts)]


def _trusted(facts: Facts) -> Iterator[str]:
    """Every message is signed, and one id is one message: the same bytes on every try, and one event."""
    bodies: dict[tuple[str, str], str] = {}
    for receipt in facts.receipts:
        at = f"{receipt.subscription}: message {receipt.id}"
        if receipt.problem:
            yield f"{at}: {receipt.problem}"
        if bodies.setdefault((receipt.subscription, receipt.id), receipt.digest) != receipt.digest:
            yield f"{at} came with two bodies"


def _logged(facts: Facts) -> Iterator[str]:
    """The log and the receivers tell the same: what was sent, and of which event."""
    for name, entries in facts.log.items():
        logged = {entry["id"]: entry for entry in entries}
        received = {receipt.id: receipt for receipt in facts.receipts if receipt.subscription == name}
        yield from (f"{name}: message {id_} is in no log" for id_ in received.keys() - logged.keys())
        for id_ in received.keys() & logged.keys():
            if received[id_].event_id not in {"", logged[id_]["event_id"]}:
                yield f"{name}: message {id_} is of another event than its log says"


def _delivered(facts: Facts) -> Iterator[str]:
    for name, entries in facts.log.items():
        taken = {receipt.id for receipt in facts.receipts if receipt.subscription == name and receipt.taken}
        for entry in entries:
            if entry["state"] != "delivered":
                tries = [try_["error"] or try_["status"] for try_ in entry["attempts"]]
                yield f"{name}: message {entry['id']} is {entry['state']} after {tries}, taken {entry['id'] in taken}"
            elif entry["id"] not in taken:
                yield f"{name}: message {entry['id']} is delivered, and nobody took it"


def _announced(facts: Facts) -> Iterator[str]:
    """For each order and topic as many messages, told apart by their ids, as its history has reasons for."""
    versions = {event["id"]: event for event in facts.events}
    for name, entries in facts.log.items():
        yield from (f"{name}: message {e['id']} is of no event" for e in entries if e["event_id"] not in versions)
        sent: dict[str, Counter[str]] = {}
        for entry in entries:
            if entry["event_id"] in versions:
                sent.setdefault(versions[entry["event_id"]]["order_id"], Counter())[entry["topic"]] += 1
        for order_id, history in facts.history.items():
            due, found = _EXPECTED[facts.dialects[name]](history), sent.get(order_id, Counter[str]())
            if due != found:
                yield f"{name}: order {order_id} was due {dict(due)} and got {dict(found)}"


def _in_order(facts: Facts) -> Iterator[str]:
    """What came of an order came after all that went before it had been taken, however often it came."""
    versions = {event["id"]: (event["order_id"], event["version"]) for event in facts.events}
    for name, entries in facts.log.items():
        events = {entry["id"]: versions.get(entry["event_id"], ("", 0)) for entry in entries}
        by_order: dict[str, dict[int, list[Receipt]]] = {}
        for receipt in facts.receipts:
            if receipt.subscription == name and receipt.id in events:
                order_id, version = events[receipt.id]
                by_order.setdefault(order_id, {}).setdefault(version, []).append(receipt)
        for order_id, received in by_order.items():
            yield from _overtaking(f"{name}: order {order_id}", received)


def _overtaking(at: str, received: Mapping[int, Sequence[Receipt]]) -> Iterator[str]:
    all_taken = 0
    for version in sorted(received):
        arrived = min(receipt.arrived for receipt in received[version])
        if arrived < all_taken:
            yield f"{at}: version {version} came before what went before it was taken"
        first: dict[str, int] = {}
        for receipt in received[version]:
            if receipt.taken:
                first.setdefault(receipt.id, receipt.taken)
        all_taken = max(all_taken, *first.values(), 0)


def _idle(facts: Facts) -> Iterator[str]:
    yield from (f"a task was set aside: {task}" for task in facts.tasks)
    if facts.due:
        yield f"{facts.due:.0f} tasks wait to be done"


def _native(history: Sequence[Any]) -> Counter[str]:
    return Counter(event["type"] for event in history)


def _convictional(history: Sequence[Any]) -> Counter[str]:
    due: Counter[str] = Counter()
    for event in history:
        due["order.cancelled"] += _grew(event, "cancelled")
        due["order.fulfilled"] += _grew(event, "fulfilled")
    return +due


def _grew(event: Any, what: str) -> bool:
    before, after = (sum(line[what] for line in event[side].get("lines", {}).values()) for side in ("before", "after"))
    return bool(after > before)


def _shopline(history: Sequence[Any]) -> Counter[str]:
    """Topics that follow from the history alone."""
    due: Counter[str] = Counter()
    for event in history:
        if event["version"] == 1:
            due["orders/create"] += 1
        # A question to a warehouse changes nothing for Shopline until units are gone.
        elif not event["type"].startswith("cancellation.") or _grew(event, "cancelled"):
            due["orders/update"] += 1
        due["fulfillments/create"] += _grew(event, "fulfilled")
        due["orders/cancelled"] += event["after"]["cancelled"] and not event["before"].get("cancelled", False)
    return +due


def _happycolis(history: Sequence[Any]) -> Counter[str]:
    due: Counter[str] = Counter()
    for event in history:
        before, after = event["before"].get("state", "draft"), event["after"]["state"]
        due["order/created"] += event["version"] == 1
        due["order/opened"] += (before, after) == ("draft", "open")
        if after == "completed" != before:
            due["order/cancelled" if event["after"]["cancelled"] else "order/completed"] += 1
    return +due


HAPPYCOLIS_TOPICS = ("order/created", "order/opened", "order/cancelled", "order/completed")
SHOPLINE_TOPICS = ("orders/create", "orders/update", "fulfillments/create", "orders/cancelled")
_EXPECTED: Mapping[str, _Expected] = {
    "native": _native,
    "convictional": _convictional,
    "shopline": _shopline,
    "happycolis": _happycolis,
}
