"""Cases that are walked step by step: cancels and returns by one table, each step once and in its order."""

from typing import Any

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn
from app.core.model import Adjustment, CaseState, OrderState, Reason, Stage, Step
from app.core.refusal import Code, Refusal
from tests.core.building import (
    HAMBURG,
    L1,
    L2,
    LYON,
    SHOP,
    Story,
    case_of,
    context,
    counts,
    decide,
    event_of,
    go,
    lines,
    placed,
    take,
    unit,
    whole,
)

RECEIVED, APPROVED, RESTOCKED, FINISHED = Step.RECEIVED, Step.APPROVED, Step.RESTOCKED, Step.FINISHED
REJECTED = Step.REJECTED


def cancelling(**fields: Any) -> Story:
    """Two of three units walk, in one entry."""
    return Story(placed(3, **fields), dialect="afosto").then(lines(unit(L1, 2, "c2"), unit(L1, 3, "c3"), stepwise=True))


def returning(**fields: Any) -> Story:
    """Two of three shipped units are announced, in one entry."""
    return Story(placed(3, **fields), dialect="afosto").ship().send_back(unit(L1, 1, "r1"), unit(L1, 2, "r2"))


def walk(story: Story, *steps: Step) -> Story:
    for step in steps:
        story.step(step, location=SHOP if step is RESTOCKED else None)
    return story


def of(story: Story, index: int) -> Adjustment:
    return story.ledger.order.adjustments[index]


def test_a_cancel_is_approved_restocked_and_finished():
    story = cancelling()
    seen = [(counts(story.ledger), story.ledger.order.cases[0].state.value)]
    for step in (APPROVED, RESTOCKED, FINISHED):
        walk(story, step)
        seen.append((counts(story.ledger), story.ledger.order.cases[0].state.value))

    assert seen == [((1, 2, 0, 0, 0), "pending")] + [((1, 0, 2, 0, 0), "accepted")] * 3
    assert story.steps() == [["awaiting_approval", "approved", "restocked", "finished"]]
    assert [a.contra_ids for a in story.ledger.order.adjustments] == [{"2": "c2", "3": "c3"}]


def test_a_case_is_accepted_when_its_last_unit_is_approved_and_decided_then():
    story = cancelling()

    first = story.walk(APPROVED, "c2")
    assert (case_of(first).state, case_of(first).decided_at) == (CaseState.PENDING, None)
    assert counts(story.ledger) == (1, 1, 1, 0, 0)
    second = story.walk(APPROVED, "c3")

    assert (case_of(second).state, case_of(second).decided_at) == (CaseState.ACCEPTED, story.ledger.order.updated_at)
    assert [event_of(change).type for change in (first, second)] == ["cancel.approved"] * 2


def test_the_moment_of_acceptance_is_the_approval_and_no_later_step_moves_it():
    story = walk(cancelling(), APPROVED)
    accepted = [(a.id, a.version) for a in story.ledger.acceptances(L1)]

    walk(story, RESTOCKED, FINISHED)

    assert [(a.id, a.version) for a in story.ledger.acceptances(L1)] == accepted == [(of(story, 0).id, 3)]


def test_restock_puts_each_unit_back_once():
    story = walk(cancelling(), APPROVED)

    moved = story.step(RESTOCKED, location=SHOP).movements

    assert [(m.location_id, m.sku, m.delta, m.adjustment_id) for m in moved] == [
        (SHOP, "A", 2, of(story, 0).id),
    ]
    assert story.step(FINISHED).movements == ()


def test_restock_is_skippable():
    assert walk(cancelling(), APPROVED, FINISHED).steps() == [["awaiting_approval", "approved", "finished"]]


def test_units_go_their_own_way():
    story = walk(cancelling(), APPROVED)

    story.walk(FINISHED, "c2")
    story.walk(RESTOCKED, "c3", location=SHOP)

    assert [(a.units, a.step) for a in story.ledger.order.adjustments] == [
        (u.of([3]), RESTOCKED),
        (u.of([2]), FINISHED),
    ]


def test_an_allocation_is_let_go_at_the_approval():
    story = Story(placed(1)).hold(HAMBURG, stage=Stage.PLANNED).then(lines(unit(L1, 1), stepwise=True))
    before = story.ledger.order.allocations[0].stage

    walk(story, APPROVED)

    assert (before, story.ledger.order.allocations[0].stage) == (Stage.PLANNED, Stage.CANCELLED)
    assert story.ledger.order.state is OrderState.COMPLETED


def test_a_warehouse_that_has_to_agree_is_asked_before_anybody_approves():
    story = Story(placed(3)).hold(HAMBURG, take(L1, 1)).then(lines(unit(L1, 1), unit(L1, 3), stepwise=True))
    assert story.steps() == [["requested"]] * 2
    assert story.refuses(go(APPROVED, of(story, 0).id))[0] is Code.STEP_NOT_ALLOWED

    change = story.answer(True)

    assert event_of(change).type == "cancellation.answered"
    assert (counts(story.ledger), case_of(change).state) == ((1, 2, 0, 0, 0), CaseState.PENDING)
    assert case_of(walk(story, APPROVED).step(FINISHED)).state is CaseState.ACCEPTED
    assert story.steps() == [["requested", "awaiting_approval", "approved", "finished"]] * 2
    assert counts(story.ledger) == (1, 0, 2, 0, 0)


@pytest.mark.parametrize("approved_first", [False, True], ids=["refused, then approved", "approved, then refused"])
def test_a_walked_cancel_that_one_warehouse_refuses_ends_rejected_with_the_others_units(approved_first):
    story = Story(placed(2)).hold(HAMBURG, take(L1, 1)).hold(LYON, take(L1, 1)).then(whole(stepwise=True))
    story.answer(True, HAMBURG)
    if approved_first:
        story.step(APPROVED, of(story, 0))
        story.answer(False, LYON, message="packed")
    else:
        story.answer(False, LYON, message="packed")
        story.step(APPROVED, of(story, 0))

    case = story.ledger.order.cases[0]
    assert (case.state, case.message, case.decided_at) == (
        CaseState.REJECTED,
        "packed",
        story.ledger.order.updated_at,
    )
    assert counts(story.ledger) == (1, 0, 1, 0, 0)


def test_a_return_is_announced_received_approved_restocked_and_finished():
    story = returning()
    seen = [counts(story.ledger)]
    for step in (RECEIVED, APPROVED, RESTOCKED, FINISHED):
        walk(story, step)
        seen.append(counts(story.ledger))
        assert (story.ledger.order.state, story.ledger.shipped) == (OrderState.COMPLETED, True)

    assert seen == [(0, 0, 0, 3, 0)] + [(0, 0, 0, 3, 2)] * 4
    assert story.steps() == [["announced", "received", "awaiting_approval", "approved", "restocked", "finished"]]
    assert story.ledger.order.cases[0].state is CaseState.ACCEPTED
    assert not story.ledger.cancelled
    assert not story.ledger.has_cancellations


@pytest.mark.parametrize(
    ("price", "policy"), [(1000, {"approve_returns": False}), (0, {})], ids=["by policy", "nothing is due"]
)
@pytest.mark.parametrize("last", [[FINISHED], [RESTOCKED, FINISHED]], ids=["kept", "restocked"])
def test_a_return_that_nobody_has_to_approve(price, policy, last):
    story = walk(returning(price=price).under(**policy), RECEIVED)
    before = story.ledger.order.cases[0].state
    assert counts(story.ledger) == (0, 0, 0, 3, 2)

    walk(story, *last)

    assert story.steps() == [["announced", "received", *[step.value for step in last]]]
    assert (before, story.ledger.order.cases[0].state) == (CaseState.PENDING, CaseState.ACCEPTED)


def test_a_return_takes_the_lowest_shipped_units_and_never_one_twice():
    story = Story(placed(4)).ship(L1, 3).send_back(take(L1, 1)).send_back(take(L1))

    assert [a.units for a in story.ledger.order.adjustments] == [((1, 1),), ((2, 3),)]
    assert [a.amount for a in story.ledger.order.adjustments] == [1000, 2000]
    assert counts(story.ledger) == (1, 0, 0, 3, 0)
    assert story.refuses(AnnounceReturn(targets=(take(L1, 1),))) == (Code.ALREADY_RETURNED, {"field": "lines"})


@pytest.mark.parametrize(
    ("targets", "code", "facts"),
    [
        ((), Code.INVALID, {"field": "lines", "problem": "names no line"}),
        ((take("nope"),), Code.LINE_NOT_FOUND, {"field": "lines"}),
        ((take(L1, 3),), Code.QUANTITY_OUT_OF_RANGE, {"field": "lines", "minimum": 1, "maximum": 2}),
        ((take(L1, 0),), Code.QUANTITY_OUT_OF_RANGE, {"field": "lines", "minimum": 1, "maximum": 2}),
        ((unit(L1, 3),), Code.NOT_SHIPPED, {"field": "lines"}),
        ((unit(L1, 4),), Code.LINE_NOT_FOUND, {"field": "lines"}),
        ((unit(L1, 1), unit(L1, 1)), Code.INVALID, {"field": "lines", "problem": "was named before"}),
        ((take(L2),), Code.NOT_SHIPPED, {"field": "lines"}),
        ((unit(L1, 1, "r"), unit(L1, 2, "r")), Code.DUPLICATE, {"field": "lines"}),
    ],
    ids=["none", "line", "too many", "zero", "not shipped", "no unit", "twice", "nothing shipped", "contra id twice"],
)
def test_refused_announcements(targets, code, facts):
    story = Story(placed(3, 1)).ship(L1, 2)

    assert story.refuses(AnnounceReturn(targets=targets, reason=Reason(text="broken"))) == (code, facts)


@pytest.mark.parametrize(
    ("start", "done", "allowed"),
    [
        (cancelling, (), {APPROVED, REJECTED}),
        (cancelling, (APPROVED,), {RESTOCKED, FINISHED}),
        (cancelling, (APPROVED, RESTOCKED), {FINISHED}),
        (cancelling, (APPROVED, FINISHED), set()),
        (returning, (), {RECEIVED, REJECTED}),
        (returning, (RECEIVED,), {APPROVED, REJECTED}),
        (returning, (RECEIVED, APPROVED), {RESTOCKED, FINISHED}),
        (returning, (RECEIVED, APPROVED, RESTOCKED), {FINISHED}),
        (returning, (RECEIVED, APPROVED, RESTOCKED, FINISHED), set()),
        (lambda: Story(placed(3)).then(whole()), (), set()),
        (lambda: Story(placed(3)).hold(HAMBURG).then(whole()), (), set()),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_every_other_step_is_refused(start, done, allowed):
    story = walk(start(), *done)

    assert {step for step in Step if _may(story, step)} == allowed


def _may(story: Story, step: Step) -> bool:
    command = go(step, of(story, 0).id, location=SHOP)
    try:
        decide(story.ledger, command, context())
    except Refusal as no:
        facts = {"step": step.value, "at": of(story, 0).step.value, "field": "adjustment_ids"}
        return (no.code, no.facts) != (Code.STEP_NOT_ALLOWED, facts)
    return True


def test_restock_needs_a_place_and_tracked_stock():
    tracked, loose = walk(cancelling(), APPROVED), walk(cancelling(track_inventory=False), APPROVED)
    facts = {"step": "restocked", "field": "adjustment_ids"}
    ids = (of(tracked, 0).id,)

    assert tracked.refuses(go(RESTOCKED, *ids)) == (Code.STEP_NOT_ALLOWED, {**facts, "at": "approved"})
    assert loose.refuses(go(RESTOCKED, *ids, location=SHOP)) == (Code.STEP_NOT_ALLOWED, {**facts, "at": "untracked"})


def test_one_that_cannot_step_holds_back_all():
    story = cancelling()
    story.walk(APPROVED, "c2")

    assert story.refuses(go(FINISHED, "c2", "c3"))[0] is Code.STEP_NOT_ALLOWED
    assert story.refuses(go(FINISHED, "c2", "nope"))[0] is Code.ADJUSTMENT_NOT_FOUND
    assert story.refuses(go(FINISHED)) == (
        Code.INVALID,
        {"field": "adjustment_ids", "problem": "names no adjustment"},
    )


def test_a_unit_that_is_named_twice_is_a_mistake():
    story = cancelling()
    id_ = of(story, 0).id

    for names in ((id_, id_), ("c2", "c2"), (id_, "c2"), ("c2", id_), ("c2", f"{id_}.2"), (f"{id_}.3", "c2", "c3")):
        assert story.refuses(go(APPROVED, *names)) == (
            Code.INVALID,
            {"field": "adjustment_ids", "problem": "was named before"},
        )
