"""Who fulfils an order: by policy or by hand, held back, and let go of again."""

from typing import Any

import pytest

from app.core.commands import CancelAllocation, Dispatch, EditAllocation, Hold
from app.core.messages import Allocate, MoveAllocation
from app.core.model import CaseState, OrderState, Scope, Stage
from app.core.policy import Policy
from app.core.refusal import Code
from tests.core.building import (
    HAMBURG,
    L1,
    L2,
    L3,
    LYON,
    Story,
    case_of,
    counts,
    event_of,
    lines,
    placed,
    take,
    whole,
)

TO_HAMBURG = Policy(dispatch_to=HAMBURG)


def draft(*quantities: int, **fields: Any) -> Story:
    return Story(placed(*quantities, draft=True, **fields), policy=TO_HAMBURG)


def opened(*quantities: int) -> Story:
    return Story(placed(*quantities), policy=TO_HAMBURG)


def held_by(story: Story) -> list[tuple[str, str, list[tuple[str, object]]]]:
    return [
        (a.location_id, a.stage.value, [(item.line_id, item.units) for item in a.items])
        for a in story.ledger.order.allocations
    ]


def trail(story: Story, n: int = 0) -> list[tuple[str, int]]:
    return [(entry.stage.value, entry.version) for entry in story.ledger.order.allocations[n].trail]


def test_a_draft_is_opened_and_goes_to_the_policys_location():
    story = draft(2, 1)

    change = story.do(Dispatch())

    assert (story.ledger.order.state, event_of(change).type) == (OrderState.OPEN, "order.opened")
    assert story.ledger.order.opened_at == event_of(change).at
    assert held_by(story) == [(HAMBURG, "opened", [(L1, ((1, 2),)), (L2, ((1, 1),))])]
    assert trail(story) == [("opened", 2)]


def test_a_draft_is_opened_and_asked_for_in_one_go():
    story = draft(2)

    change = story.do(Dispatch(request=True))

    assert (event_of(change).type, event_of(change).before["state"]) == ("fulfillment.requested", "draft")
    assert held_by(story) == [(HAMBURG, "requested", [(L1, ((1, 2),))])]


@pytest.mark.parametrize("how", ["no policy", "by hand"])
def test_without_a_place_it_is_opened_only(how: str):
    story = draft(2, manual=how == "by hand")
    story = story.under() if how == "no policy" else story

    story.do(Dispatch())

    assert (story.ledger.order.state, held_by(story)) == (OrderState.OPEN, [])
    assert story.refuses(Dispatch()) == (Code.NOT_A_DRAFT, {})
    assert story.refuses(Dispatch(request=True)) == (Code.NOTHING_TO_ALLOCATE, {})


def test_a_draft_that_nobody_can_be_asked_for_stays_one():
    story = draft(2).under()

    assert story.refuses(Dispatch(request=True)) == (Code.NOTHING_TO_ALLOCATE, {})


def test_an_open_order_gives_what_nobody_holds():
    story = opened(2, 1).hold(LYON, take(L1, 1), stage=Stage.PLANNED)

    change = story.do(Dispatch())

    assert event_of(change).type == "order.dispatched"
    assert held_by(story) == [
        (LYON, "opened", [(L1, ((1, 1),))]),
        (HAMBURG, "opened", [(L1, ((2, 2),)), (L2, ((1, 1),))]),
    ]
    assert story.refuses(Dispatch()) == (Code.NOT_A_DRAFT, {})


def test_everybody_who_holds_something_is_asked():
    story = opened(2).hold(LYON, take(L1, 1), stage=Stage.PLANNED).then(Dispatch())

    story.do(Dispatch(request=True))

    assert [stage for _, stage, _ in held_by(story)] == ["requested", "requested"]
    assert trail(story) == [("planned", 2), ("opened", 3), ("requested", 4)]
    assert story.refuses(Dispatch(request=True)) == (Code.NOTHING_TO_ALLOCATE, {})


def test_who_is_further_stays_there():
    story = opened(2).hold(LYON, take(L1, 1), stage=Stage.PICKING)

    story.do(Dispatch(request=True))

    assert [stage for _, stage, _ in held_by(story)] == ["picking", "requested"]


def test_whoever_has_nothing_left_is_not_asked():
    story = opened(1, 1).hold(LYON, take(L1), stage=Stage.PLANNED).ship(L1)

    story.do(Dispatch(request=True))

    assert [(place, stage) for place, stage, _ in held_by(story)] == [(LYON, "planned"), (HAMBURG, "requested")]


def test_certain_lines():
    story = draft(2, 1, 1)

    change = story.do(Dispatch(targets=(take(L2),)))
    assert (event_of(change).type, event_of(change).after["state"]) == ("lines.opened", "open")
    story.do(Dispatch(targets=(take(L3),), request=True))

    assert held_by(story) == [(HAMBURG, "opened", [(L2, ((1, 1),))]), (HAMBURG, "requested", [(L3, ((1, 1),))])]
    assert story.refuses(Dispatch(targets=(take(L2),))) == (Code.NOTHING_TO_ALLOCATE, {})
    code, facts = story.refuses(Dispatch(targets=(take("x", field="lineIds.0"),)))
    assert (code, facts) == (Code.LINE_NOT_FOUND, {"field": "lineIds.0"})


@pytest.mark.parametrize("command", [Dispatch(), Dispatch(request=True), Hold()])
def test_a_completed_order_is_past_it(command: object):
    assert opened(1).ship().refuses(command) == (Code.NOT_OPEN, {})


def test_held_and_resumed():
    story = opened(2)

    assert event_of(story.do(Hold())).type == "order.held"
    assert story.ledger.order.held is True
    assert story.refuses(Hold()) == (Code.STEP_NOT_ALLOWED, {"step": "hold"})
    assert event_of(story.do(Hold(held=False))).type == "order.resumed"
    assert [e.held for e in (story.ledger.order,)] == [False]
    assert story.refuses(Hold(held=False)) == (Code.STEP_NOT_ALLOWED, {"step": "resume"})
    assert draft(1).refuses(Hold()) == (Code.NOT_OPEN, {})


def test_while_held_nobody_new_is_asked():
    story = opened(3).hold(LYON, take(L1, 1)).hold(HAMBURG, take(L1, 1), stage=Stage.OPENED).then(Hold())
    asked, waiting = (a.id for a in story.ledger.order.allocations)
    no = (Code.STAGE_NOT_ALLOWED, {"stage": "requested"})

    assert story.refuses(Dispatch(request=True)) == no
    assert story.refuses(MoveAllocation(allocation_id=waiting, stage=Stage.REQUESTED)) == no
    assert story.refuses(Allocate(location_id=LYON, connector=None, stage=Stage.REQUESTED)) == no
    story.do(MoveAllocation(allocation_id=asked, stage=Stage.PICKING))
    story.do(Allocate(location_id=LYON, connector=None))
    story.do(Hold(held=False))
    story.do(Dispatch(request=True))
    assert [stage for _, stage, _ in held_by(story)] == ["picking", "requested", "requested"]


def test_a_held_order_is_cancelled_like_another():
    story = opened(2).hold(HAMBURG).then(Hold())

    assert case_of(story.do(whole())).state is CaseState.PENDING
    story.answer(True)
    assert story.ledger.order.state is OrderState.COMPLETED
    assert trail(story) == [("requested", 2), ("cancelled", 5)]


def test_a_planned_allocation_is_told_anew():
    story = opened(3, 1).hold(LYON, take(L1, 2), stage=Stage.PLANNED)
    (id_,) = (a.id for a in story.ledger.order.allocations)

    edit = EditAllocation(allocation_id=id_, location_id=HAMBURG, connector="http", targets=(take(L2), take(L1, 3)))
    change = story.do(edit)

    assert event_of(change).type == "allocation.updated"
    assert held_by(story) == [(HAMBURG, "planned", [(L2, ((1, 1),)), (L1, ((1, 3),))])]
    assert story.ledger.order.allocations[0].connector == "http"
    assert story.do(edit).event is None


def test_units_of_another_location_stay_there():
    story = opened(3).hold(LYON, take(L1, 2), stage=Stage.PLANNED).hold(HAMBURG, take(L1, 1), stage=Stage.PLANNED)
    edit = EditAllocation(allocation_id=story.ledger.order.allocations[1].id, targets=(take(L1, 2, field="lines.0"),))

    code, facts = story.refuses(edit)

    assert (code, facts) == (Code.QUANTITY_OUT_OF_RANGE, {"field": "lines.0", "minimum": 1, "maximum": 1})


def test_once_told_of_it_only_extras_change():
    story = opened(3).hold(LYON, take(L1, 2), stage=Stage.OPENED)
    id_ = story.ledger.order.allocations[0].id
    no = (Code.STAGE_NOT_ALLOWED, {"stage": "planned"})

    assert story.refuses(EditAllocation(allocation_id=id_, location_id=HAMBURG)) == no
    assert story.refuses(EditAllocation(allocation_id=id_, targets=(take(L1, 1),))) == no
    story.do(EditAllocation(allocation_id=id_, location_id=LYON, targets=(take(L1, 2),), extras={"priority": "HIGH"}))
    story.do(EditAllocation(allocation_id=id_, extras={"note": "x"}))
    assert story.ledger.order.allocations[0].extras == {"native": {"priority": "HIGH", "note": "x"}}
    assert story.refuses(EditAllocation(allocation_id="x")) == (Code.ALLOCATION_NOT_FOUND, {})


def test_an_allocation_holds_something():
    story = opened(3).hold(LYON, stage=Stage.PLANNED)
    id_ = story.ledger.order.allocations[0].id

    assert story.refuses(EditAllocation(allocation_id=id_, targets=())) == (Code.NOTHING_TO_ALLOCATE, {})
    story.then(MoveAllocation(allocation_id=id_, stage=Stage.CANCELLED))
    code, facts = story.refuses(EditAllocation(allocation_id=id_, extras={}))
    assert (code, facts) == (Code.STAGE_NOT_ALLOWED, {"stage": "cancelled"})


@pytest.mark.parametrize(
    ("stage", "connector"),
    [(Stage.PLANNED, "http"), (Stage.OPENED, "http"), (Stage.REQUESTED, None), (Stage.PICKING, None)],
)
def test_an_allocations_units_are_cancelled_at_once(stage: Stage, connector: str | None):
    story = opened(3, 1).hold(LYON, take(L1, 2), stage=stage, connector=connector)

    change = story.do(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))

    assert (case_of(change).state, case_of(change).scope) == (CaseState.ACCEPTED, Scope.LINES)
    assert counts(story.ledger) == (1, 0, 2, 0, 0)
    assert story.ledger.order.allocations[0].stage is Stage.CANCELLED
    assert trail(story) == [(stage.value, 2), ("cancelled", 3)]
    assert story.ledger.order.state is OrderState.OPEN


def test_the_last_allocation_takes_the_order_with_it():
    story = opened(1).hold(LYON, stage=Stage.PLANNED)

    story.do(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))

    assert (story.ledger.order.state, story.ledger.cancelled) == (OrderState.COMPLETED, True)


def test_where_a_location_must_agree_it_is_not_cancelled_at_once():
    story = opened(1).hold(LYON)

    code, facts = story.refuses(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))

    assert (code, facts) == (Code.STAGE_NOT_ALLOWED, {"stage": "cancelled"})


def test_what_is_shipped_of_it_stays_shipped():
    story = opened(3).hold(LYON, take(L1, 2), stage=Stage.OPENED).ship(L1, 1)

    story.do(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))

    assert counts(story.ledger) == (1, 0, 1, 1, 0)
    assert story.ledger.order.allocations[0].stage is Stage.OPENED
    again = story.refuses(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))
    assert again == (Code.ALREADY_FULFILLED, {"field": "id"})


@pytest.mark.parametrize(
    ("story", "code"),
    [
        (opened(1).hold(LYON, stage=Stage.OPENED).ship(), Code.ALREADY_FULFILLED),
        (opened(1).hold(LYON, stage=Stage.OPENED).then(whole()), Code.ALREADY_CANCELLED),
        (opened(2).hold(LYON, stage=Stage.REQUESTED).then(lines(take(L1))), Code.CANCELLATION_PENDING),
    ],
)
def test_nothing_is_left_of_it(story: Story, code: Code):
    assert story.refuses(CancelAllocation(allocation_id=story.ledger.order.allocations[0].id))[0] is code


def test_an_unknown_allocation():
    assert opened(1).refuses(CancelAllocation(allocation_id="x")) == (Code.ALLOCATION_NOT_FOUND, {})
