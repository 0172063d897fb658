"""A warehouse says nothing: the question is forwarded to its own system, and one day its deadline passes."""

import pytest

from app.core.messages import ForeignKey, Forwarded, Silence
from app.core.model import CaseState, OrderState
from app.core.policy import OnSilence
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, LYON, SHOP, Story, case_of, counts, event_of, lines, placed, take, whole


def asked(on_silence: OnSilence = OnSilence.WAIT) -> Story:
    """Hamburg holds 1-2, Lyon 3-4, 5 is nobody's; the whole order is to be cancelled."""
    story = Story(placed(5)).under(on_silence=on_silence)
    return story.hold(HAMBURG, take(L1, 2)).hold(LYON, take(L1, 2)).then(whole())


def silence(story: Story, message: str | None = None) -> Silence:
    return Silence(case_id=story.ledger.order.cases[-1].id, message=message)


def forwarded(story: Story, location: str = HAMBURG, **facts: str) -> Forwarded:
    return Forwarded(case_id=story.ledger.order.cases[-1].id, location_id=location, **facts)


@pytest.mark.parametrize(
    ("on_silence", "event", "state", "after"),
    [
        (OnSilence.ACCEPT, "cancellation.accepted", "accepted", (0, 0, 5, 0, 0)),
        (OnSilence.REJECT, "cancellation.rejected", "rejected", (5, 0, 0, 0, 0)),
    ],
)
def test_the_policy_answers_for_whoever_is_silent(on_silence, event, state, after):
    story = asked(on_silence)

    change = story.do(silence(story, "no answer in time"))

    assert event_of(change).type == event
    assert counts(story.ledger) == after
    case = case_of(change)
    assert (case.state.value, case.message, case.decided_at) == (state, "no answer in time", event_of(change).at)
    assert [ask.message for ask in case.asks] == ["no answer in time"] * 2


def test_whoever_answered_in_time_keeps_his_word():
    story = asked(OnSilence.REJECT)
    story.answer(True, LYON)

    change = story.do(silence(story))

    assert event_of(change).type == "cancellation.rejected"
    assert counts(story.ledger) == (2, 0, 3, 0, 0)
    assert [ask.state.value for ask in case_of(change).asks] == ["rejected", "accepted"]


def test_a_policy_that_waits_only_says_so():
    story = asked()
    before = story.ledger.order

    change = story.do(silence(story, "no answer in time"))

    event = event_of(change)
    assert (event.type, event.case_id) == ("cancellation.overdue", before.cases[0].id)
    assert event.before == event.after
    assert (change.tasks, change.movements, change.keys) == ((), (), ())
    assert story.ledger.order.cases == before.cases
    assert counts(story.ledger) == (0, 5, 0, 0, 0)


def test_the_policy_of_the_moment_counts():
    story = asked(OnSilence.REJECT).under(on_silence=OnSilence.ACCEPT)

    story.do(silence(story))

    assert story.ledger.cancelled


@pytest.mark.parametrize("on_silence", list(OnSilence))
@pytest.mark.parametrize("accepted", [True, False], ids=["after yes", "after no"])
def test_after_an_answer_a_deadline_changes_nothing(accepted, on_silence):
    story = asked(on_silence)
    story.answer(accepted)
    before = story.ledger.order

    change = story.do(silence(story))

    assert (change.event, change.ledger.order) == (None, before)


def test_after_a_deadline_an_answer_changes_nothing():
    story = asked(OnSilence.REJECT)
    story.do(silence(story))
    before = story.ledger.order

    assert story.answer(True, HAMBURG).event is None
    assert story.ledger.order == before


def test_nobody_was_asked_and_nobody_is_late():
    story = Story(placed(1)).under(on_silence=OnSilence.REJECT).then(lines(take(L1), stepwise=True))

    assert story.do(silence(story)).event is None
    assert story.ledger.order.cases[0].state is CaseState.PENDING


def test_goods_go_back_when_silence_means_yes():
    story = Story(placed(2)).under(on_silence=OnSilence.ACCEPT, restock_on_cancel=True).hold(HAMBURG).then(whole())

    change = story.do(silence(story))

    assert [(m.location_id, m.delta) for m in change.movements] == [(HAMBURG, 2)]
    assert story.ledger.order.state is OrderState.COMPLETED


def test_a_question_that_was_forwarded_is_written_down():
    story = asked()

    change = story.do(forwarded(story, order_key="their-order", reference="their-request"))

    event = event_of(change)
    assert (event.type, event.before) == ("cancellation.forwarded", event.after)
    assert [ask.reference for ask in case_of(change).asks] == ["their-request", None]
    assert change.keys == (ForeignKey(f"location:{HAMBURG}", "order", "their-order"),)
    assert story.ledger.order.keys == {f"location:{HAMBURG}": "their-order"}
    assert counts(story.ledger) == (0, 5, 0, 0, 0)


def test_what_is_known_is_not_written_again():
    story = asked()
    assert event_of(story.do(forwarded(story, order_key="their-order"))).type == "cancellation.matched"

    assert story.do(forwarded(story, order_key="their-order")).event is None
    assert story.do(forwarded(story)).event is None

    change = story.do(forwarded(story, order_key="their-order", reference="r"))
    assert (event_of(change).type, change.keys) == ("cancellation.forwarded", ())
    assert story.do(forwarded(story, reference="r")).event is None


def test_a_second_question_of_the_order_finds_its_key_there():
    story = Story(placed(2)).hold(HAMBURG).then(whole())
    story.do(forwarded(story, order_key="their-order", reference="r1"))
    story.answer(False, HAMBURG)
    story.then(whole())

    change = story.do(forwarded(story, order_key="their-order", reference="r2"))

    assert change.keys == ()
    assert [ask.reference for case in story.ledger.order.cases for ask in case.asks] == ["r1", "r2"]


def test_an_answer_keeps_the_reference():
    story = asked()
    story.do(forwarded(story, reference="r"))

    (hamburg, _) = case_of(story.answer(True, HAMBURG)).asks

    assert (hamburg.reference, hamburg.state) == ("r", CaseState.ACCEPTED)


def test_what_is_forwarded_after_the_answer_changes_nothing():
    story = asked()
    story.answer(False, HAMBURG)

    assert story.do(forwarded(story, order_key="k", reference="r")).event is None


def test_there_is_no_such_question():
    story = asked()

    assert story.refuses(forwarded(story, SHOP)) == (Code.LOCATION_NOT_FOUND, {})
    assert story.refuses(Forwarded(case_id="nope", location_id=HAMBURG)) == (Code.CASE_NOT_FOUND, {})
    assert story.refuses(Silence(case_id="nope")) == (Code.CASE_NOT_FOUND, {})
