"""A shipment's tracking and its state, told together, are one change."""

from app.core.aftersales import EditFulfillment, MoveFulfillment
from app.core.model import Fulfillment, FulfillmentState
from app.core.refusal import Code
from tests.core.building import L1, Story, event_of, placed, take

DELIVERED, VOID, SHIPPED = FulfillmentState.DELIVERED, FulfillmentState.VOID, FulfillmentState.SHIPPED


def shipped() -> tuple[Story, str]:
    story = Story(placed(3)).ship()
    return story, found(story).id


def found(story: Story) -> Fulfillment:
    [fulfillment] = story.ledger.order.fulfillments
    return fulfillment


def test_delivered_with_the_code_that_it_was_found_under():
    story, id_ = shipped()
    change = story.do(EditFulfillment(fulfillment_id=id_, state=DELIVERED, tracking_code="JD2"))
    assert event_of(change).type == "fulfillment.delivered"
    seen, now = found(story), event_of(change).at
    assert (seen.state, seen.tracking_code, seen.delivered_at, seen.updated_at) == (DELIVERED, "JD2", now, now)


def test_void_opens_its_units_again():
    story, id_ = shipped()
    change = story.do(EditFulfillment(fulfillment_id=id_, state=VOID, carrier="DHL"))
    assert event_of(change).type == "fulfillment.voided"
    assert (found(story).state, found(story).carrier, found(story).delivered_at) == (VOID, "DHL", None)
    assert story.ledger.open_units == 3


def test_without_a_state_only_what_is_told_changes():
    story, id_ = shipped()
    change = story.do(EditFulfillment(fulfillment_id=id_, tracking_urls=("https://example.com/1",)))
    assert event_of(change).type == "fulfillment.updated"
    assert (found(story).state, found(story).tracking_urls) == (SHIPPED, ("https://example.com/1",))
    assert story.do(EditFulfillment(fulfillment_id=id_)).event is None


def test_a_state_is_refused_as_if_it_came_alone():
    story, id_ = shipped()
    moves = [(state, EditFulfillment(fulfillment_id=id_, state=state, carrier="DHL")) for state in (SHIPPED, VOID)]
    story.send_back(take(L1, 1))
    alone = [story.refuses(MoveFulfillment(fulfillment_id=id_, state=state)) for state, _ in moves]
    assert [story.refuses(edit) for _, edit in moves] == alone
    assert [code for code, _ in alone] == [Code.FULFILLMENT_FINAL, Code.ALREADY_RETURNED]
    story.then(MoveFulfillment(fulfillment_id=id_, state=DELIVERED))
    again = EditFulfillment(fulfillment_id=id_, state=DELIVERED, carrier="DHL")
    assert story.refuses(again) == (Code.FULFILLMENT_FINAL, {"state": "delivered"})
