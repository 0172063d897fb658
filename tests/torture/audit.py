"""Compares what clients and receivers were told with what is there; every finding is one line. No test is here.

Nothing is asserted on the way: who audits says all that he found.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.torture.asking import Ask
from tests.torture.facts import Facts

CANCELLED = frozenset({"approved", "restocked", "finished"})
_STEPS = {"approve": "approved", "finish": "finished"}
_COUNTS = ("open", "pending", "cancelled", "fulfilled")


def findings(facts: Facts) -> list[str]:
    checks = (_asked_once, _stepped, _without_a_reason, _found_again, undecided, _balanced, _told, _whole)
    return [finding for check in checks for finding in check(facts)]


def _asked_once(facts: Facts) -> Iterator[str]:
    """Every ask has the effect that its client was told of, once; without an answer, once or not at all."""
    by_reason = Counter(_why(case) for _, case in facts.cases())
    by_number = Counter(order["number"] for order in facts.orders.values())
    there = {_why(case): case for _, case in facts.cases()}
    for ask in facts.asks:
        if ask.kind == "create":
            yield from _as_often_as_told(ask, by_number[ask.id])
        elif ask.kind == "cancel" and ask.says_why:
            yield from _as_often_as_told(ask, by_reason[ask.id])
            if ask.id in there:
                yield from _as_told(ask, there[ask.id])
    asked = {None, *(ask.id for ask in facts.asks)}
    yield from (f"nobody asked for the case {reason}" for reason in by_reason if reason not in asked)
    yield from (f"nobody asked for the order {number}" for number in by_number if number not in asked)


def _why(case: Any) -> str | None:
    """As it was told: Afosto's reasons are codes."""
    reason = case["reason"]["text"] or case["reason"].get("code")
    return None if reason is None else str(reason)


def _stepped(facts: Facts) -> Iterator[str]:
    """Who was told that he took a step took it, and nobody takes one twice."""
    taken: dict[str, Counter[str]] = {}
    for _, case in facts.cases():
        for adjustment in case["adjustments"]:
            steps = Counter(step["step"] for step in adjustment.get("steps", ()))
            taken |= dict.fromkeys(adjustment.get("contra_ids", {}).values(), steps)
    for contra, steps in taken.items():
        yield from (f"item {contra} was {step} {times} times" for step, times in steps.items() if times > 1)
    for ask in facts.asks:
        if ask.kind in _STEPS and ask.done:
            lost = [contra for contra in ask.contras if not taken.get(contra, Counter())[_STEPS[ask.kind]]]
            yield from (f"{ask.kind} {ask.id} was answered and is lost on {contra}" for contra in lost)


def _without_a_reason(facts: Facts) -> Iterator[str]:
    """Known by the id that the client was told, which may be that of a request that waited already."""
    cases = {case["id"]: case for _, case in facts.cases()}
    asks = [ask for ask in facts.asks if ask.kind == "cancel" and not ask.says_why]
    for ask in asks:
        if ask.case_id and ask.case_id not in cases:
            yield f"cancel {ask.id} was told of {ask.case_id}, which is not there"
        elif ask.status == 200 and cases[ask.case_id]["state"] != "ACCEPTED":
            yield f"cancel {ask.id} was answered with 200, and its case is {cases[ask.case_id]['state']}"
    told = {ask.case_id for ask in asks}
    for order_id, order in facts.orders.items():
        untold = [case for case in order["cases"] if _why(case) is None and case["id"] not in told]
        unheard = [ask for ask in asks if ask.order_id == order_id and not ask.status]
        if len(untold) > len(unheard):
            yield f"order {order_id}: {len(untold)} cases that no client heard of, and {len(unheard)} without an answer"


def _as_often_as_told(ask: Ask, times: int) -> Iterator[str]:
    if times > 1:
        yield f"{ask.kind} {ask.id} is there {times} times"
    if ask.done and not times:
        yield f"{ask.kind} {ask.id} was answered with {ask.status} and is lost"


def _as_told(ask: Ask, case: Any) -> Iterator[str]:
    cancelled = sum(a["quantity"] for a in case["adjustments"] if a["step"] in CANCELLED)
    if ask.status == 200 and not cancelled:
        yield f"cancel {ask.id} was answered with 200, and nothing is cancelled"
    if ask.status >= 400 and (cancelled or case["state"] != "REJECTED"):
        yield f"cancel {ask.id} was refused with {ask.status}, and its case is {case['state']}"
    if ask.case_id not in {"", case["id"]}:
        yield f"cancel {ask.id} was told of {ask.case_id}, and its case is {case['id']}"
    if ask.units and _units(case) != Counter(ask.units):
        yield f"cancel {ask.id} asked for {dict(ask.units)} and took {dict(_units(case))}"


def _found_again(facts: Facts) -> Iterator[str]:
    """The stored answer, unless a warehouse had to answer first: then the request is shown as it now stands."""
    waited = {name for _, case in facts.cases() if case["asked"] for name in (_why(case), case["id"])}
    for ask in facts.asks:
        asked = ask.id in waited or ask.case_id in waited
        if ask.again is None or (asked and ask.again.status >= 400):
            continue
        if not ask.again.replayed:
            yield f"{ask.kind} {ask.id}, once more: {ask.again.status}, and not as a repeated request"
        if not asked and (ask.again.status, ask.again.body) != (ask.status, ask.body):
            yield f"{ask.kind} {ask.id}, once more: not the same answer"


def _units(case: Any) -> Counter[str]:
    units: Counter[str] = Counter()
    for adjustment in case["adjustments"]:
        units[adjustment["line_id"]] += adjustment["quantity"]
    return units


def undecided(facts: Facts) -> Iterator[str]:
    for order, case in facts.cases():
        if case["state"] == "PENDING":
            yield f"case {case['id']} of order {order['id']} waits for ever"


def _balanced(facts: Facts) -> Iterator[str]:
    """Every unit of every line is in one place, and every count is the sum of what was appended."""
    for order in facts.orders.values():
        adjustments = [a for case in order["cases"] for a in case["adjustments"]]
        shipped = [x for f in order["fulfillments"] if f["state"] != "void" for x in f["lines"]]
        for line in order["lines"]:
            at = f"line {line['id']}"
            if line["quantity"] != sum(line[name] for name in _COUNTS):
                yield f"{at} does not balance: {line}"
            own = [a for a in adjustments if a["line_id"] == line["id"]]
            ledger = {
                "cancelled": [a for a in own if a["step"] in CANCELLED],
                "pending": [a for a in own if a["step"] in {"requested", "awaiting_approval"}],
                "fulfilled": [x for x in shipped if x["line_id"] == line["id"]],
            }
            for name, entries in ledger.items():
                if line[name] != (total := sum(entry["quantity"] for entry in entries)):
                    yield f"{at} says {line[name]} {name}, its entries {total}"
            taken = Counter(n for entries in ledger.values() for entry in entries for n in _numbers(entry["units"]))
            if wrong := [n for n, times in taken.items() if times > 1 or not 1 <= n <= line["quantity"]]:
                yield f"{at}: units {wrong} are in two places, or in none that there is"


def _numbers(ranges: Any) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def _told(facts: Facts) -> Iterator[str]:
    """An order's history has no gap: each event goes on where the one before it ended, the last one at the order."""
    for order_id, history in facts.history.items():
        order = facts.orders.get(order_id)
        if order is None:
            yield f"events of an order that is not there: {order_id}"
            continue
        if [event["version"] for event in history] != [*range(1, order["version"] + 1)]:
            yield f"order {order_id} is at version {order['version']}, its events at {[e['version'] for e in history]}"
        for event, before, _ in _steps(history):
            if any(before.get(line_id) != counts for line_id, counts in event["before"].get("lines", {}).items()):
                yield f"order {order_id}: version {event['version']} does not go on where the one before it ended"
        for _, _, after in [*_steps(history)][-1:]:
            if after != {line["id"]: {name: line[name] for name in (*_COUNTS, "returned")} for line in order["lines"]}:
                yield f"order {order_id} is not as its last event left it"


def _whole(facts: Facts) -> Iterator[str]:
    """A case came to be with one event, which took from the open units just what the case says that it took."""
    made: dict[str, list[tuple[Counter[str], Counter[str]]]] = {}
    for history in facts.history.values():
        for event, _, after in _steps(history):
            taken = _open(event["before"].get("lines", {})) - _open(event["after"].get("lines", {}))
            if event["request_id"] and taken:
                made.setdefault(event["request_id"], []).append((taken, _open(after)))
    for _, case in facts.cases():
        found = made.pop(case["id"], [])
        if len(found) != 1:
            yield f"case {case['id']} was made by {len(found)} events"
            continue
        taken, left = found[0]
        if taken != _units(case):
            yield f"case {case['id']} is of {dict(_units(case))}, and its event took {dict(taken)}"
        if case["scope"] != "lines" and left:
            yield f"case {case['id']} is of all that was open, and left {dict(left)}"
    yield from (f"an event took units for the case {case_id}, which is not there" for case_id in made)


def _steps(history: Iterable[Any]) -> Iterator[tuple[Any, dict[str, Any], dict[str, Any]]]:
    """Each event with all lines before it and after it: events tell only of those that they change."""
    lines: dict[str, Any] = {}
    for event in history:
        gone = event["before"].get("lines", {}).keys() - event["after"].get("lines", {}).keys()
        after = {id_: counts for id_, counts in lines.items() if id_ not in gone} | event["after"].get("lines", {})
        yield event, lines, after
        lines = after


def _open(lines: Mapping[str, Any]) -> Counter[str]:
    return +Counter({line_id: counts["open"] for line_id, counts in lines.items()})
