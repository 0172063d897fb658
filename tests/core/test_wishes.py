"""What whoever cancels may ask for beside: goods back to where they were, and a mail; both once units are gone."""

from typing import Any

from app.core.messages import Change, TaskKind
from app.core.model import Customer, Step
from app.core.policy import Policy
from tests.core.building import HAMBURG, L1, LYON, Story, case_of, event_of, lines, placed, take, whole

_ANN = Customer(name="Ann", email="ann@example.com")
_FREE: dict[str, Any] = {"connector": None}


def _mails(change: Change) -> list[Any]:
    return [dict(task.payload) for task in change.tasks if task.kind is TaskKind.MAIL]


def _moved(change: Change) -> list[tuple[str, str, int]]:
    return [(movement.location_id, movement.sku, movement.delta) for movement in change.movements]


def test_goods_go_back_to_whom_held_them() -> None:
    story = Story(placed(5)).hold(HAMBURG, take(L1, 2), **_FREE)
    change = story.do(whole(restock=True))
    assert _moved(change) == [(HAMBURG, "A", 2)]
    # Of what nobody held no shelf is known.
    assert [[entry.step for entry in a.steps] for a in change.ledger.order.adjustments] == [
        [Step.FINISHED],
        [Step.RESTOCKED, Step.FINISHED],
    ]


def test_without_the_wish_the_policy_says() -> None:
    for policy, expected in ((Policy(), []), (Policy(restock_on_cancel=True), [(HAMBURG, "A", 5)])):
        story = Story(placed(5), policy=policy).hold(HAMBURG, **_FREE)
        assert _moved(story.do(whole())) == expected


def test_an_order_without_inventory_restocks_nothing() -> None:
    story = Story(placed(5, track_inventory=False)).hold(HAMBURG, **_FREE)
    assert _moved(story.do(whole(restock=True))) == []


def test_a_mail_about_what_is_gone() -> None:
    change = Story(placed(5, customer=_ANN)).do(lines(take(L1, 2), mail=True))
    [gone] = change.ledger.order.adjustments
    assert _mails(change) == [{"kind": "cancel", "items": [[gone.id, gone.units]]}]
    assert event_of(change).after["also"] == [{"type": "mail.requested", "request_id": case_of(change).id}]


def test_without_an_address_there_is_nobody_to_tell() -> None:
    assert _mails(Story(placed(5)).do(whole(mail=True))) == []


def test_both_wait_for_the_warehouse() -> None:
    story = Story(placed(5, customer=_ANN)).hold(LYON)
    asked = story.do(whole(restock=True, mail=True))
    assert (_moved(asked), _mails(asked)) == ([], [])
    agreed = story.answer(accepted=True)
    [gone] = agreed.ledger.order.adjustments
    assert _moved(agreed) == [(LYON, "A", 5)]
    assert _mails(agreed) == [{"kind": "cancel", "items": [[gone.id, gone.units]]}]


def test_a_refusal_tells_and_moves_nothing() -> None:
    story = Story(placed(5, customer=_ANN)).hold(LYON)
    story.do(whole(restock=True, mail=True))
    refused = story.answer(accepted=False)
    assert (_moved(refused), _mails(refused)) == ([], [])
