"""The audit finds what it is there to find: a record that is in order, and the same with one thing wrong."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.server import Wire
from tests.torture import audit, post
from tests.torture.asking import Ask
from tests.torture.facts import Facts
from tests.torture.receiver import Receipt

_WIRE = Wire("POST", "/")


def _counts(open_: int, cancelled: int = 0, fulfilled: int = 0, pending: int = 0) -> dict[str, int]:
    return {"open": open_, "pending": pending, "cancelled": cancelled, "fulfilled": fulfilled, "returned": 0}


def _adjustment(step: str, first: int, last: int) -> dict[str, Any]:
    return {
        "line_id": "o-1", "quantity": last - first + 1, "units": [[first, last]], "step": step,
        "steps": [{"step": "approved"}], "contra_ids": {str(first): f"c-{first}"},
    }  # fmt: skip


def _case(id_: str, reason: str, state: str, adjustment: dict[str, Any], asked: list[Any] | None = None) -> Any:
    return {
        "id": id_, "reason": {"text": reason}, "state": state, "scope": "lines", "asked": asked or [],
        "adjustments": [adjustment],
    }  # fmt: skip


def _event(version: int, type_: str, before: Any, after: Any, case: str | None = None) -> Any:
    summaries = [{"cancelled": False, "lines": {"o-1": counts}} if counts else {} for counts in (before, after)]
    return {
        "id": f"e-{version}", "order_id": "o", "version": version, "type": type_, "request_id": case,
        "before": summaries[0], "after": summaries[1],
    }  # fmt: skip


def _receipts(name: str, *event_ids: str) -> list[Receipt]:
    return [
        Receipt(name, f"m-{id_}", "", id_, f"bytes of {id_}", 2 * n + 1, 2 * n + 2) for n, id_ in enumerate(event_ids)
    ]


def _log(topics: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": f"m-{id_}", "event_id": id_, "topic": topic, "state": "delivered", "attempts": []}
        for id_, topic in topics.items()
    ]


def record() -> Facts:
    """Five pieces: two are cancelled, one is shipped, and a warehouse refused to let another one go."""
    events = [
        _event(1, "order.created", None, _counts(5)),
        _event(2, "cancellation.accepted", _counts(5), _counts(3, 2), "o-2"),
        _event(3, "cancellation.requested", _counts(3, 2), _counts(2, 2, pending=1), "o-4"),
        _event(4, "cancellation.rejected", _counts(2, 2, pending=1), _counts(3, 2), "o-4"),
        _event(5, "order.fulfilled", _counts(3, 2), _counts(2, 2, 1)),
    ]
    order = {
        "id": "o", "number": "made", "version": 5,
        "lines": [{"id": "o-1", "quantity": 5, **_counts(2, 2, 1)}],
        "fulfillments": [{"state": "shipped", "lines": [{"line_id": "o-1", "quantity": 1, "units": [[1, 1]]}]}],
        "cases": [
            _case("o-2", "two", "ACCEPTED", _adjustment("finished", 4, 5)),
            _case("o-4", "one", "REJECTED", _adjustment("rejected", 3, 3), [{"state": "REJECTED"}]),
        ],
    }  # fmt: skip
    topics = {event["id"]: event["type"] for event in events}
    return Facts(
        asks=[
            Ask("made", "create", "native", _WIRE, status=201),
            Ask("two", "cancel", "native", _WIRE, "o", {"o-1": 2}, status=200, body=b"2"),
            Ask("one", "cancel", "native", _WIRE, "o", {"o-1": 1}, status=202, case_id="o-4"),
            Ask("too many", "cancel", "native", _WIRE, "o", {"o-1": 9}, status=422),
            Ask("step", "approve", "afosto", _WIRE, "o", status=200, contras=["c-4"]),
            Ask("unheard", "cancel", "native", _WIRE, "o", {"o-1": 1}),
        ],
        orders={"o": order},
        events=events,
        log={"all": _log(topics), "their": _log({"e-2": "order.cancelled", "e-5": "order.fulfilled"})},
        dialects={"all": "native", "their": "convictional"},
        receipts=[*_receipts("all", *topics), *_receipts("their", "e-2", "e-5")],
    )


def test_a_record_in_order() -> None:
    assert audit.findings(record()) + post.findings(record()) == []


Doctor = Callable[[Facts, Any], None]


def _lost(facts: Facts, order: Any) -> None:
    del order["cases"][0]


def _twice(facts: Facts, order: Any) -> None:
    order["cases"].append(copy.deepcopy(order["cases"][0]))


def _in_part(facts: Facts, order: Any) -> None:
    order["cases"][0]["adjustments"][0] |= {"quantity": 1, "units": [[5, 5]]}


def _not_cancelled(facts: Facts, order: Any) -> None:
    order["cases"][0]["adjustments"][0]["step"] = "rejected"


def _refused_and_done(facts: Facts, order: Any) -> None:
    facts.asks[1].status = 409


def _another_case(facts: Facts, order: Any) -> None:
    facts.asks[2].case_id = "o-9"


def _out_of_nothing(facts: Facts, order: Any) -> None:
    order["cases"][0]["reason"]["text"] = "nobody's"


def _order_lost(facts: Facts, order: Any) -> None:
    order["number"] = "another"


def _waiting(facts: Facts, order: Any) -> None:
    order["cases"][1]["state"] = "PENDING"


def _step_lost(facts: Facts, order: Any) -> None:
    order["cases"][0]["adjustments"][0]["steps"] = []


def _step_twice(facts: Facts, order: Any) -> None:
    order["cases"][0]["adjustments"][0]["steps"] *= 2


def _unbalanced(facts: Facts, order: Any) -> None:
    order["lines"][0]["open"] = 3


def _two_places(facts: Facts, order: Any) -> None:
    order["fulfillments"][0]["lines"][0]["units"] = [[4, 4]]


def _no_event(facts: Facts, order: Any) -> None:
    facts.events = [event for event in facts.events if event["id"] != "e-2"]


def _event_twice(facts: Facts, order: Any) -> None:
    facts.events = [*facts.events, {**facts.events[1], "id": "e-6", "version": 6}]


def _event_astray(facts: Facts, order: Any) -> None:
    facts.events = [*facts.events, {**facts.events[0], "order_id": "o-x"}]


def _forgotten(facts: Facts, order: Any) -> None:
    facts.asks[1].again = Ask("two", "cancel", "native", _WIRE, status=200, body=b"2")


def _another_answer(facts: Facts, order: Any) -> None:
    facts.asks[1].again = Ask("two", "cancel", "native", _WIRE, status=200, body=b"3", replayed=True)


def _left_open(facts: Facts, order: Any) -> None:
    order["cases"][0]["scope"] = "rest"


@pytest.mark.parametrize(
    ("doctor", "found"),
    [
        (_lost, "is lost"),
        (_twice, "is there 2 times"),
        (_in_part, "asked for {'o-1': 2} and took {'o-1': 1}"),
        (_in_part, "its event took {'o-1': 2}"),
        (_not_cancelled, "nothing is cancelled"),
        (_refused_and_done, "was refused with 409"),
        (_another_case, "was told of o-9"),
        (_out_of_nothing, "nobody asked for the case nobody's"),
        (_order_lost, "nobody asked for the order another"),
        (_waiting, "waits for ever"),
        (_step_lost, "approve step was answered and is lost on c-4"),
        (_step_twice, "item c-4 was approved 2 times"),
        (_unbalanced, "does not balance"),
        (_two_places, "units [4] are in two places"),
        (_no_event, "was made by 0 events"),
        (_no_event, "does not go on where"),
        (_no_event, "its events at [1, 3, 4, 5]"),
        (_event_twice, "was made by 2 events"),
        (_event_twice, "is not as its last event left it"),
        (_event_astray, "events of an order that is not there"),
        (_forgotten, "not as a repeated request"),
        (_another_answer, "not the same answer"),
        (_left_open, "left {'o-1': 3}"),
    ],
)
def test_what_is_wrong_with_orders_is_found(doctor: Doctor, found: str) -> None:
    facts = record()
    doctor(facts, facts.orders["o"])
    assert any(found in finding for finding in audit.findings(facts)), audit.findings(facts)


def _of(facts: Facts, message: str) -> Receipt:
    return next(receipt for receipt in facts.receipts if receipt.id == message)


def _unsigned(facts: Facts) -> None:
    _of(facts, "m-e-2").problem = "No matching signature found"


def _two_bodies(facts: Facts) -> None:
    facts.receipts = [*facts.receipts, replace(_of(facts, "m-e-2"), digest="other bytes")]


def _two_ids(facts: Facts) -> None:
    facts.receipts = [*facts.receipts, replace(_of(facts, "m-e-2"), id="m-x")]


def _two_ids_and_logged(facts: Facts) -> None:
    _two_ids(facts)
    facts.log = {**facts.log, "all": [*facts.log["all"], {**facts.log["all"][1], "id": "m-x"}]}


def _wrong_event(facts: Facts) -> None:
    _of(facts, "m-e-2").event_id = "e-3"


def _never_taken(facts: Facts) -> None:
    _of(facts, "m-e-3").taken = 0


def _failed(facts: Facts) -> None:
    facts.log["all"][2]["state"] = "failed"


def _never_sent(facts: Facts) -> None:
    facts.log = {**facts.log, "all": facts.log["all"][:-1]}
    facts.receipts = [receipt for receipt in facts.receipts if receipt.id != "m-e-5"]


def _overtaken(facts: Facts) -> None:
    _of(facts, "m-e-3").arrived, _of(facts, "m-e-3").taken = 11, 12


def _too_early(facts: Facts) -> None:
    _of(facts, "m-e-4").arrived = _of(facts, "m-e-3").taken - 1


def _task(facts: Facts) -> None:
    facts.tasks = [{"id": "t"}]


def _waits(facts: Facts) -> None:
    facts.due = 2


@pytest.mark.parametrize(
    ("doctor", "found"),
    [
        (_unsigned, "No matching signature"),
        (_two_bodies, "two bodies"),
        (_two_ids, "in no log"),
        (_two_ids_and_logged, "was due"),
        (_wrong_event, "another event"),
        (_never_taken, "nobody took it"),
        (_failed, "is failed"),
        (_never_sent, "was due"),
        (_overtaken, "version 4 came before"),
        (_too_early, "version 4 came before"),
        (_task, "a task was set aside"),
        (_waits, "2 tasks wait"),
    ],
)
def test_what_is_wrong_with_messages_is_found(doctor: Callable[[Facts], None], found: str) -> None:
    facts = record()
    doctor(facts)
    assert any(found in finding for finding in post.findings(facts)), post.findings(facts)
