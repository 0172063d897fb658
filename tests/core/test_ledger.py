"""The ledger rule as a checker: every way to break it is noticed, and what the ledger derives is derived alike."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.ledger import Ledger, imbalances
from app.core.model import (
    CaseState,
    Fulfillment,
    FulfillmentState,
    LineUnits,
    Order,
    OrderState,
    Step,
    StepEntry,
)
from app.core.units import Units
from tests.core.building import L1, NOW, SHOP, Story, counts, go, lines, placed, rest, take, whole


def sound() -> Order:
    """Of six units 1-2 are shipped and 1 came back, 5-6 are cancelled, 4 awaits approval, 3 is open."""
    story = Story(placed(6)).ship(L1, 2).send_back(take(L1, 1))
    story.step(Step.RECEIVED)
    return story.then(lines(take(L1, 2))).then(lines(take(L1, 1), stepwise=True)).ledger.order


def shipped(units: Units) -> Fulfillment:
    return Fulfillment(id="f", items=(LineUnits(L1, units),), version=9, created_at=NOW, updated_at=NOW)


def with_units(order: Order, index: int, units: Units) -> Order:
    changed = [replace(a, units=units) if n == index else a for n, a in enumerate(order.adjustments)]
    return replace(order, adjustments=tuple(changed))


def with_steps(order: Order, index: int, step: Step) -> Order:
    steps = (StepEntry(step, 9, NOW),)
    changed = [replace(a, steps=steps) if n == index else a for n, a in enumerate(order.adjustments)]
    return replace(order, adjustments=tuple(changed))


def with_case(order: Order, index: int, **fields: Any) -> Order:
    changed = [replace(c, **fields) if n == index else c for n, c in enumerate(order.cases)]
    return replace(order, cases=tuple(changed))


RETURN, CANCEL, WALK = 0, 1, 2


def test_a_sound_order():
    ledger = Ledger(sound())

    assert list(imbalances(ledger)) == []
    assert counts(ledger) == (1, 1, 2, 2, 1)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda o: replace(o, fulfillments=(*o.fulfillments, shipped(((6, 6),)))), "7 accounted for"),
        (lambda o: with_units(o, WALK, ((5, 5),)), "a unit is in two places"),
        (lambda o: with_units(o, RETURN, ((3, 3),)), "came back that was never shipped"),
        (lambda o: with_units(o, CANCEL, ((6, 7),)), "a unit that was never ordered"),
        (lambda o: replace(o, adjustments=(*o.adjustments, o.adjustments[CANCEL])), "two entries of kind cancel"),
        (lambda o: replace(o, adjustments=(*o.adjustments, o.adjustments[RETURN])), "two entries of kind return"),
        (lambda o: replace(o, fulfillments=o.fulfillments * 2), "two entries of kind fulfillment"),
        (lambda o: replace(o, state=OrderState.COMPLETED), "state completed with 1 open and 1 pending"),
        (lambda o: with_steps(o, WALK, Step.APPROVED), "pending with steps"),
        (lambda o: with_steps(o, CANCEL, Step.REQUESTED), "accepted with steps"),
        (lambda o: with_case(o, CANCEL, decided_at=None), "accepted, decided at None"),
        (lambda o: with_case(o, WALK, decided_at=NOW), "pending, decided at 2026"),
        (lambda o: with_case(o, WALK, state=CaseState.REJECTED, decided_at=NOW), "rejected with steps"),
    ],
    ids=[
        "cancelled and shipped",
        "cancelled and pending",
        "returned, not shipped",
        "beyond the line",
        "cancelled twice",
        "returned twice",
        "shipped twice",
        "completed too early",
        "approved, still pending",
        "asked, yet accepted",
        "accepted, never decided",
        "pending, yet decided",
        "rejected, yet waiting",
    ],
)
def test_every_breach_is_noticed(broken, said):
    breaches = list(imbalances(Ledger(broken(sound()))))

    assert any(said in breach for breach in breaches), breaches


def test_a_void_parcel_gives_its_units_back():
    order = Story(placed(2)).ship(L1, 1).ledger.order
    void = replace(order.fulfillments[0], state=FulfillmentState.VOID)

    ledger = Ledger(replace(order, fulfillments=(void,)))

    assert counts(ledger) == (2, 0, 0, 0, 0)
    assert list(imbalances(ledger)) == []


@pytest.mark.parametrize(
    ("story", "cancelled", "shipped_", "has"),
    [
        (lambda: Story(placed(2)), False, False, False),
        (lambda: Story(placed(2)).ship(L1, 1), False, False, False),
        (lambda: Story(placed(2)).ship(), False, True, False),
        (lambda: Story(placed(2)).then(lines(take(L1, 1))), False, False, True),
        (lambda: Story(placed(2)).then(lines(take(L1))), True, False, True),
        (lambda: Story(placed(2)).then(whole()), True, False, True),
        (lambda: Story(placed(2)).then(whole(stepwise=True)), False, False, False),
        (lambda: Story(placed(2)).ship(L1, 1).then(rest()), False, True, True),
        (lambda: Story(placed(2)).ship(L1, 1).then(lines(take(L1))), False, True, True),
        (lambda: Story(placed(2)).ship(L1, 1).then(whole(keep_shipped=True)), True, True, True),
        (lambda: Story(placed()), False, False, False),
    ],
    ids=[
        "fresh",
        "partly shipped",
        "shipped",
        "partly cancelled",
        "line by line",
        "whole",
        "asked only",
        "shipped, the rest gone",
        "shipped, the line's rest gone",
        "the order gone, shipped kept",
        "no lines",
    ],
)
def test_what_follows_for_the_whole_order(story, cancelled, shipped_, has):
    ledger = story().ledger

    assert (ledger.cancelled, ledger.shipped, ledger.has_cancellations) == (cancelled, shipped_, has)
    assert (ledger.order.state is OrderState.COMPLETED) == ledger.done


def test_a_return_of_goods_never_sold_here_walks_like_any_other():
    story = Story(placed(2)).ship(L1, 1).send_back(take(L1))
    known = story.ledger.order.adjustments[0]
    loose = replace(known, id=known.id[:-1] + "f", line_id=None, sku="Z", units=((1, 3),), amount=0)
    story.ledger = Ledger(replace(story.ledger.order, adjustments=(known, loose)))

    story.step(Step.RECEIVED, loose)
    moved = story.do(go(Step.RESTOCKED, loose.id, location=SHOP)).movements
    story.step(Step.FINISHED, loose)

    assert [(m.sku, m.delta) for m in moved] == [("Z", 3)]
    assert story.steps() == [["announced"], ["announced", "received", "restocked", "finished"]]
    assert counts(story.ledger) == (1, 0, 0, 1, 0)
    assert story.ledger.order.cases[0].state is CaseState.PENDING


def test_a_pending_return_is_no_obstacle_to_a_cancel_and_a_pending_cancel_none_to_a_return():
    story = Story(placed(4)).ship(L1, 2).send_back(take(L1, 1)).then(whole(keep_shipped=True, stepwise=True))
    story.send_back(take(L1, 1))
    story.step(Step.APPROVED, story.ledger.order.adjustments[1])

    assert counts(story.ledger) == (0, 0, 2, 2, 0)
    assert [case.state.value for case in story.ledger.order.cases] == ["pending", "accepted", "pending"]
    assert story.ledger.cancelled
