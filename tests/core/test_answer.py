"""Warehouses answer: agree, refuse, disagree, answer late, twice or for somebody else."""

from datetime import timedelta

import pytest

from app.core import units as u
from app.core.messages import Answer, TaskKind
from app.core.model import CaseState, OrderState, Reason, Stage
from app.core.refusal import Code
from tests.core.building import (
    HAMBURG,
    L1,
    L2,
    LYON,
    NOW,
    SHOP,
    Story,
    case_of,
    counts,
    event_of,
    lines,
    placed,
    rest,
    take,
    whole,
)


def asked(quantity: int = 3) -> Story:
    """Hamburg holds three units, and some are to be cancelled."""
    return Story(placed(3)).hold(HAMBURG).then(lines(take(L1, quantity)))


def two_asked() -> Story:
    """Hamburg holds 1-2, Lyon 3-4, 5 is nobody's; the whole order is to be cancelled."""
    return Story(placed(5)).hold(HAMBURG, take(L1, 2)).hold(LYON, take(L1, 2)).then(whole())


def case_in(story: Story) -> tuple[str, str | None, bool]:
    case = story.ledger.order.cases[-1]
    return case.state.value, case.message, case.decided_at is not None


def stages(story: Story) -> list[Stage]:
    return [allocation.stage for allocation in story.ledger.order.allocations]


def test_the_question_is_written_down_and_the_warehouse_told():
    story = Story(placed(3)).hold(HAMBURG)

    change = story.do(lines(take(L1, 2), reason=Reason(text="typo")))

    assert counts(story.ledger) == (1, 2, 0, 0, 0)
    assert story.ledger.order.state is OrderState.OPEN
    assert event_of(change).type == "cancellation.requested"
    (task,) = change.tasks
    assert (task.kind, task.due_at) == (TaskKind.WAREHOUSE, story.ledger.order.updated_at)
    assert task.payload == {"case_id": case_of(change).id, "location_id": HAMBURG}
    (ask,) = case_of(change).asks
    assert (ask.state, ask.message, ask.answered_at) == (CaseState.PENDING, None, None)
    assert case_in(story) == ("pending", None, False)


def test_a_deadline_is_set_where_the_policy_has_one():
    story = Story(placed(3)).under(warehouse_deadline=90).hold(HAMBURG)

    change = story.do(whole())

    assert [task.kind for task in change.tasks] == [TaskKind.WAREHOUSE, TaskKind.DEADLINE]
    assert change.tasks[1].due_at == NOW + timedelta(minutes=2, seconds=90)
    assert change.tasks[1].payload == {"case_id": case_of(change).id}


def test_agreed():
    story = asked()

    change = story.answer(True, HAMBURG, message="put back")

    assert counts(story.ledger) == (0, 0, 3, 0, 0)
    assert (story.ledger.order.state, stages(story)) == (OrderState.COMPLETED, [Stage.CANCELLED])
    assert event_of(change).type == "cancellation.accepted"
    assert event_of(change).case_id == case_of(change).id
    assert case_in(story) == ("accepted", "put back", True)
    assert story.steps() == [["requested", "finished"]]
    (ask,) = case_of(change).asks
    assert (ask.state, ask.message, ask.answered_at) == (CaseState.ACCEPTED, "put back", story.ledger.order.updated_at)


def test_refused():
    story = asked()

    change = story.answer(False, HAMBURG, message="already packed")

    assert counts(story.ledger) == (3, 0, 0, 0, 0)
    assert (story.ledger.order.state, stages(story)) == (OrderState.OPEN, [Stage.REQUESTED])
    assert (event_of(change).type, change.movements) == ("cancellation.rejected", ())
    assert case_in(story) == ("rejected", "already packed", True)
    assert story.steps() == [["requested", "rejected"]]


def test_refused_units_can_be_shipped_and_asked_for_again():
    story = asked(1)
    story.answer(False)
    story.ship(L1, 1).then(rest())
    assert counts(story.ledger) == (0, 2, 0, 1, 0)

    story.answer(True)

    assert counts(story.ledger) == (0, 0, 2, 1, 0)
    assert [case.state.value for case in story.ledger.order.cases] == ["rejected", "accepted"]
    assert stages(story) == [Stage.REQUESTED]


@pytest.mark.parametrize("order", [(HAMBURG, LYON), (LYON, HAMBURG)], ids=["yes first", "no first"])
def test_two_that_disagree(order):
    story = two_asked()
    assert counts(story.ledger) == (0, 5, 0, 0, 0)

    events = [event_of(story.answer(where == HAMBURG, where, message=where)).type for where in order]

    assert events == ["cancellation.answered", "cancellation.rejected"]
    assert counts(story.ledger) == (2, 0, 3, 0, 0)
    assert u.numbers(story.ledger.positions[L1].cancelled) == [1, 2, 5]
    assert (story.ledger.order.state, story.ledger.cancelled) == (OrderState.OPEN, False)
    assert case_in(story) == ("rejected", LYON, True)
    assert stages(story) == [Stage.CANCELLED, Stage.REQUESTED]


def test_the_message_of_a_mixed_end_is_that_of_who_refused():
    story = two_asked()
    story.answer(False, HAMBURG, message="packed")
    story.answer(True, LYON, message="done")

    assert case_in(story) == ("rejected", "packed", True)


def test_free_units_go_with_the_first_yes():
    story = two_asked()

    story.answer(True, LYON)

    assert counts(story.ledger) == (0, 2, 3, 0, 0)
    assert case_in(story) == ("pending", None, False)
    assert u.numbers(story.ledger.positions[L1].cancelled) == [3, 4, 5]


def test_free_units_wait_while_only_a_no_was_heard():
    story = two_asked()

    story.answer(False, HAMBURG, message="no")

    assert counts(story.ledger) == (2, 3, 0, 0, 0)
    assert case_in(story) == ("pending", None, False)


def test_all_refuse_and_free_units_come_back():
    story = two_asked()

    story.answer(False, HAMBURG, message="packed")
    change = story.answer(False, LYON)

    assert counts(story.ledger) == (5, 0, 0, 0, 0)
    assert case_in(story) == ("rejected", "packed", True)
    assert event_of(change).type == "cancellation.rejected"
    assert story.steps() == [["requested", "rejected"]] * 3


@pytest.mark.parametrize(("accepted", "after"), [(True, (0, 0, 5, 0, 0)), (False, (5, 0, 0, 0, 0))], ids=["yes", "no"])
def test_an_answer_without_a_location_speaks_for_all(accepted, after):
    story = two_asked()

    story.answer(accepted)

    assert counts(story.ledger) == after
    assert story.ledger.cancelled == accepted


def test_an_answer_without_a_location_speaks_only_for_those_still_asked():
    story = two_asked()
    story.answer(False, HAMBURG)

    story.answer(True)

    assert counts(story.ledger) == (2, 0, 3, 0, 0)
    assert [ask.state.value for ask in story.ledger.order.cases[0].asks] == ["rejected", "accepted"]


@pytest.mark.parametrize("again", [True, False], ids=["yes", "no"])
@pytest.mark.parametrize("location", [HAMBURG, None], ids=["by name", "for all"])
@pytest.mark.parametrize("first", [True, False], ids=["after yes", "after no"])
def test_a_second_or_late_answer_changes_nothing(first, location, again):
    story = asked()
    story.answer(first)
    before = story.ledger.order

    change = story.answer(again, location, message="changed my mind")

    assert (change.event, change.tasks, change.movements) == (None, (), ())
    assert change.ledger.order == before
    assert change.case == before.cases[0]


def test_a_second_answer_of_one_changes_nothing_while_the_other_is_awaited():
    story = two_asked()
    story.answer(True, HAMBURG)

    assert story.answer(False, HAMBURG).event is None
    assert counts(story.ledger) == (0, 2, 3, 0, 0)


@pytest.mark.parametrize("location", [SHOP, "nowhere", ""], ids=["not asked", "unknown", "empty"])
def test_somebody_who_was_not_asked(location):
    story = asked()
    answer = Answer(case_id=story.ledger.order.cases[0].id, accepted=True, location_id=location)

    assert story.refuses(answer) == (Code.LOCATION_NOT_FOUND, {})


def test_a_case_that_does_not_exist():
    story = asked()
    adjustment = story.ledger.order.adjustments[0]

    assert story.refuses(Answer(case_id="nope", accepted=True)) == (Code.CASE_NOT_FOUND, {})
    assert story.refuses(Answer(case_id=adjustment.id, accepted=True)) == (Code.CASE_NOT_FOUND, {})


def test_an_internal_location_is_not_asked():
    story = Story(placed(3)).under(warehouse_deadline=90).hold(HAMBURG, connector=None, stage=Stage.PICKING)

    change = story.do(whole())

    assert (case_of(change).state, case_of(change).asks, change.tasks) == (CaseState.ACCEPTED, (), ())
    assert stages(story) == [Stage.CANCELLED]
    assert story.answer(False).event is None


def test_a_pending_cancel_is_overtaken_and_then_accepted():
    story = Story(placed(5)).hold(HAMBURG, take(L1, 2)).then(lines(take(L1, units=((1, 2),))))
    story.then(lines(take(L1, 1)))
    slow, quick = (a.id for a in story.ledger.order.adjustments)
    assert counts(story.ledger) == (2, 2, 1, 0, 0)

    story.answer(True, case=0)

    assert [acceptance.id for acceptance in story.ledger.acceptances(L1)] == [quick, slow]
    assert [acceptance.version for acceptance in story.ledger.acceptances(L1)] == [4, 5]
    assert counts(story.ledger) == (2, 0, 3, 0, 0)


def test_a_line_with_an_open_question_can_be_cancelled_beside_it():
    story = asked(1)

    story.then(lines(take(L1)))
    story.answer(True, case=1)
    story.answer(False, case=0)

    assert counts(story.ledger) == (1, 0, 2, 0, 0)
    assert [case.state.value for case in story.ledger.order.cases] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("tracked", "policy", "restock_to", "moved"),
    [
        (True, {}, None, []),
        (True, {}, SHOP, [(SHOP, "A", 2), (SHOP, "B", 1)]),
        (True, {"restock_on_cancel": True}, None, [(HAMBURG, "A", 2)]),
        (False, {"restock_on_cancel": True}, SHOP, []),
    ],
    ids=["nobody says so", "caller", "policy: what a location held", "not tracked"],
)
def test_goods_go_back_to_stock_once_when_the_warehouse_agrees(tracked, policy, restock_to, moved):
    story = Story(placed(2, 1, track_inventory=tracked)).under(**policy).hold(HAMBURG, take(L1))
    story.then(whole(restock_to=restock_to))

    movements = story.answer(True).movements

    assert sorted((m.location_id, m.sku, m.delta) for m in movements) == moved
    restocked = [a.id for a in story.ledger.order.adjustments if any(s.step == "restocked" for s in a.steps)]
    assert sorted(m.adjustment_id for m in movements) == restocked
    assert story.answer(True).movements == ()


def test_each_warehouse_gives_back_its_own_when_they_answer_apart():
    story = two_asked().under(restock_on_cancel=True)

    moved = [[(m.location_id, m.delta) for m in story.answer(True, where).movements] for where in (LYON, HAMBURG)]

    assert moved == [[(LYON, 2)], [(HAMBURG, 2)]]


def test_what_is_only_planned_somewhere_waits_with_what_is_not():
    story = Story(placed(1, 2)).hold(HAMBURG, take(L1)).hold(LYON, take(L2), stage=Stage.PLANNED).then(whole())
    assert (counts(story.ledger, L1), counts(story.ledger, L2)) == ((0, 1, 0, 0, 0), (0, 2, 0, 0, 0))

    story.answer(True)

    assert stages(story) == [Stage.CANCELLED, Stage.CANCELLED]
    assert story.ledger.cancelled
