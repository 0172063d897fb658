"""A cancel that is walked step by step over units that warehouses hold: each has its say before anybody approves."""

import pytest

from app.core import units as u
from app.core.messages import Allocate
from app.core.model import CaseState, Stage, Step
from app.core.refusal import Code
from tests.core.building import (
    HAMBURG,
    L1,
    L2,
    LYON,
    SHOP,
    Story,
    case_of,
    counts,
    event_of,
    go,
    lines,
    placed,
    take,
    unit,
    whole,
)


def mixed() -> Story:
    """Of six units Hamburg holds 1-2, Lyon 3-4, 5-6 are free; all are named, each under an id of its own."""
    story = Story(placed(6), dialect="afosto").hold(HAMBURG, take(L1, 2)).hold(LYON, take(L1, 2))
    return story.then(lines(*(unit(L1, n, f"c{n}") for n in range(1, 7)), stepwise=True, opened=True))


def steps(story: Story) -> dict[str, str]:
    return {contra: a.step.value for a in story.ledger.order.adjustments for contra in sorted(a.contra_ids.values())}


def all_of(*names: tuple[str, str]) -> dict[str, str]:
    return {f"c{n}": step for numbers, step in names for n in numbers}


def test_each_holder_has_an_entry_and_nothing_can_be_done_before_the_answers():
    story = mixed()

    assert [(a.units, a.asked) for a in story.ledger.order.adjustments] == [
        (u.of([1, 2]), HAMBURG),
        (u.of([3, 4]), LYON),
        (u.of([5, 6]), None),
    ]
    assert steps(story) == all_of(("123456", "requested"))
    for name in ("c1", "c3", "c5"):
        for step in Step:
            assert story.refuses(go(step, name, location=SHOP)) == (
                Code.STEP_NOT_ALLOWED,
                {"step": step.value, "at": "requested", "field": "adjustment_ids"},
            )


def test_who_is_free_waits_for_nobody_longer_than_the_first_yes():
    story = mixed()

    story.answer(True, HAMBURG)
    assert steps(story) == all_of(("12", "awaiting_approval"), ("34", "requested"), ("56", "awaiting_approval"))
    story.walk(Step.APPROVED, "c1", "c5")
    assert counts(story.ledger) == (0, 4, 2, 0, 0)
    change = story.answer(False, LYON, message="packed")

    assert steps(story) == all_of(
        ("1", "approved"), ("2", "awaiting_approval"), ("34", "rejected"), ("5", "approved"), ("6", "awaiting_approval")
    )
    assert (case_of(change).state, event_of(change).type) == (CaseState.PENDING, "cancellation.answered")
    last = story.walk(Step.APPROVED, "c2", "c6")
    assert (case_of(last).state, case_of(last).message) == (CaseState.REJECTED, "packed")
    assert counts(story.ledger) == (2, 0, 4, 0, 0)
    assert [a.stage for a in story.ledger.order.allocations] == [Stage.CANCELLED, Stage.REQUESTED]
    story.walk(Step.FINISHED, "c1", "c2", "c5", "c6")
    assert not story.ledger.working


def test_all_say_no():
    story = mixed()
    story.answer(False, LYON)
    assert steps(story) == all_of(("12", "requested"), ("34", "rejected"), ("56", "requested"))
    change = story.answer(False, HAMBURG, message="gone")

    assert steps(story) == all_of(("123456", "rejected"))
    assert (case_of(change).state, counts(story.ledger)) == (CaseState.REJECTED, (6, 0, 0, 0, 0))
    assert story.refuses(go(Step.APPROVED, "c5"))[0] is Code.STEP_NOT_ALLOWED
    again = story.do(lines(*(unit(L1, n, f"d{n}") for n in range(1, 7)), stepwise=True))
    assert case_of(again).state is CaseState.PENDING
    assert counts(story.ledger) == (0, 6, 0, 0, 0)


@pytest.mark.parametrize("accepted", [True, False])
def test_late_and_second_answers_change_nothing(accepted: bool):
    story = mixed()
    story.answer(True, HAMBURG)
    story.answer(True, LYON)
    story.walk(Step.APPROVED, "c1")
    order = story.ledger.order

    assert story.answer(accepted, LYON).event is None
    assert story.answer(accepted).event is None
    assert story.ledger.order == order


def test_without_a_connector_or_before_it_was_asked_no_warehouse_has_a_say():
    story = Story(placed(3, 2), dialect="afosto").hold(HAMBURG, take(L1, 1), connector=None)
    story.then(Allocate(location_id=LYON, connector="http", targets=(take(L1, 1),), stage=Stage.OPENED))
    story.then(lines(*(unit(L1, n, f"c{n}") for n in (1, 2, 3)), unit(L2, 1, "c4"), stepwise=True))

    assert steps(story) == all_of(("1234", "awaiting_approval"))
    assert len(story.ledger.order.adjustments) == 4
    story.walk(Step.APPROVED, "c1", "c2")
    assert [a.stage for a in story.ledger.order.allocations] == [Stage.CANCELLED, Stage.CANCELLED]


def test_a_draft_is_no_order_to_cancel_step_by_step():
    draft = Story(placed(2, draft=True), dialect="afosto")

    assert draft.refuses(lines(unit(L1, 1, "c1"), stepwise=True, opened=True)) == (Code.NOT_OPEN, {})
    assert draft.refuses(whole(opened=True)) == (Code.NOT_OPEN, {})
    assert case_of(draft.do(whole())).state is CaseState.ACCEPTED
