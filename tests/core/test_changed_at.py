"""A change time for faces that show nothing of a question to a warehouse: what moves it, and what does not."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.core.messages import Answer, Forwarded, MoveAllocation, Silence
from app.core.model import Stage, Step
from tests.core.building import HAMBURG, L1, LYON, Story, placed, take, whole


def _asked(**how: Any) -> Story:
    """Hamburg holds 1-2, Lyon 3-4, 5 is nobody's; the whole order is to be cancelled."""
    return Story(placed(5)).hold(HAMBURG, take(L1, 2)).hold(LYON, take(L1, 2)).then(whole(**how))


def _commands(story: Story, answers: Sequence[bool]) -> list[Any]:
    case = story.ledger.order.cases[-1].id
    locations = (HAMBURG, LYON)
    return [
        Forwarded(case_id=case, location_id=HAMBURG, order_key="theirs", reference="1"),
        Silence(case_id=case),
        *(Answer(case_id=case, location_id=at, accepted=yes) for at, yes in zip(locations, answers, strict=True)),
    ]


@pytest.mark.parametrize(
    ("answers", "moves"),
    [
        ((False, False), [False, False, False, False]),
        ((False, True), [False, False, False, True]),
        ((True, False), [False, False, True, False]),
    ],
)
def test_it_moves_once_units_are_gone(answers: Sequence[bool], moves: Sequence[bool]) -> None:
    story = _asked()
    placed_at = story.ledger.order.changed_at
    assert placed_at < story.ledger.order.updated_at
    moved = []
    for command in _commands(story, answers):
        before = story.ledger.order
        story.do(command)
        after = story.ledger.order
        assert after.updated_at > before.updated_at
        assert after.changed_at in {before.changed_at, after.updated_at}
        moved.append(after.changed_at != before.changed_at)
    assert moved == list(moves)


def test_any_other_change_moves_it_and_it_stays_there() -> None:
    story = _asked()
    story.answer(accepted=False)
    story.do(MoveAllocation(allocation_id=story.ledger.order.allocations[0].id, stage=Stage.PICKING))
    moved = story.ledger.order
    assert moved.changed_at == moved.updated_at
    story.then(whole())
    assert story.ledger.order.changed_at == moved.updated_at < story.ledger.order.updated_at


def test_what_is_walked_step_by_step_moves_it_from_its_first_step() -> None:
    story = _asked(stepwise=True)
    assert story.ledger.order.changed_at == story.ledger.order.updated_at
    story.answer(accepted=True)
    assert story.ledger.order.changed_at == story.ledger.order.updated_at
    assert {a.step for a in story.ledger.order.adjustments} == {Step.AWAITING_APPROVAL}
