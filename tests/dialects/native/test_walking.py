"""Lists and feeds page by page: nothing twice, nothing missing, also while things change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from app.core import ids
from app.core.ports import StoredEvent
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk
from tests.dialects.native.importing import IMPORT, ndjson, order, results
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


def _pages(tenant: Tenant, path: str, limit: int) -> Iterator[list[dict[str, Any]]]:
    """Up to the page that says it is the last."""
    cursor = ""
    while True:
        page = tenant.api("GET", f"{path}&limit={limit}{cursor}")
        assert len(page["orders"]) <= limit
        yield page["orders"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("path", ["/orders?state=open", "/orders?updated_after=2020-01-01T00:00:00Z"])
@pytest.mark.parametrize("limit", [1, 3, 7, 250])
def test_every_order_once(tenant: Tenant, path: str, limit: int) -> None:
    made = results(tenant, IMPORT, ndjson(order(number=str(n)) for n in range(7)))
    pages = [*_pages(tenant, path, limit)]
    assert [len(page) for page in pages] == {1: [1] * 7, 3: [3, 3, 1], 7: [7], 250: [7]}[limit]
    found = [each["id"] for page in pages for each in page]
    assert found == sorted(each["id"] for each in made)


def test_what_changes_meanwhile_comes_again_by_time_of_change(tenant: Tenant) -> None:
    orders = [tenant.create() for _ in range(3)]
    walk = _pages(tenant, "/orders?updated_after=2020-01-01T00:00:00Z", 1)
    assert [each["id"] for each in next(walk)] == [orders[0]["id"]]
    tenant.api("POST", f"/orders/{orders[0]['id']}/cancellations", {})
    rest = [each["id"] for page in walk for each in page]
    assert rest == [orders[1]["id"], orders[2]["id"], orders[0]["id"]]


def test_changed_after_what_was_seen_last(tenant: Tenant) -> None:
    seen = tenant.create()
    moment = seen["updated_at"]
    while (later := tenant.create())["updated_at"] == moment:
        pass
    found = tenant.api("GET", f"/orders?updated_after={moment}")["orders"]
    assert [each["id"] for each in found][-1] == later["id"]
    assert seen["id"] not in {each["id"] for each in found}
    local = datetime.fromisoformat(moment).astimezone(datetime.now().astimezone().tzinfo).isoformat()
    assert tenant.api("GET", f"/orders?updated_after={quote(local)}")["orders"] == found


def test_a_cursor_of_another_list(tenant: Tenant) -> None:
    for _ in range(2):
        tenant.create()
    cursor = tenant.api("GET", "/orders?limit=1")["next_cursor"]
    by_change = "/api/orders?updated_after=2020-01-01T00:00:00Z"
    answer = tenant.send(Wire("GET", f"{by_change}&cursor={cursor}"))
    assert answer.status_code == 422


def test_the_feed_from_the_beginning(tenant: Tenant) -> None:
    orders = [tenant.create() for _ in range(3)]
    for each in orders[:2]:
        tenant.api("POST", f"/orders/{each['id']}/cancellations", {})
    told = [event for each in orders for event in tenant.events(each["id"])]
    for limit in (1, 2, 250):
        seen: dict[str, Any] = {}
        cursor = ""
        while len(seen) < len(told):
            page = tenant.api("GET", f"/events?limit={limit}{cursor}")
            assert 0 < len(page["events"]) <= limit
            assert page["events"] == sorted(page["events"], key=lambda event: event["id"])
            seen |= {event["id"]: event for event in page["events"]}
            cursor = f"&after={page['next_cursor']}"
        assert sorted(seen.values(), key=lambda event: event["id"]) == sorted(told, key=lambda event: event["id"])
    # The newest come again, since an older one may still be on its way.
    end = tenant.api("GET", f"/events?after={max(seen)}")
    assert end["events"] == []
    again = tenant.api("GET", f"/events?after={end['next_cursor']}")["events"]
    assert {event["id"] for event in again} <= set(seen)


def test_another_tenants_events_are_not_told(tenant: Tenant) -> None:
    theirs = Tenant.add(tenant.server).create()
    ours = tenant.create()
    assert {event["order_id"] for event in tenant.api("GET", "/events")["events"]} == {ours["id"]}
    assert theirs["id"] != ours["id"]


class _Late:
    """A store in which one event is committed behind a later one."""

    lateness = timedelta(seconds=1)

    def __init__(self, now: datetime) -> None:
        self.ids = [ids.uuid7(now - timedelta(milliseconds=ago), ago) for ago in (900, 500, 100)]
        self.late = self.ids.pop(1)

    async def events(self, tenant_id: str, after: str, limit: int) -> list[StoredEvent]:
        return [_event(each) for each in sorted(self.ids) if each > after][:limit]


def _event(id_: str) -> StoredEvent:
    return StoredEvent(
        id=id_,
        order_id=id_,
        version=1,
        type="order.created",
        at=ids.created_at(id_),
        credential_id="",
        dialect="native",
        party="seller",
        case_id=None,
        before="{}",
        after="{}",
    )


@pytest.mark.parametrize("limit", [1, 2, 250])
async def test_an_event_that_comes_late_is_told(limit: int) -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    store = _Late(now)
    desk = Desk(store, Clock(now=lambda: now))  # type: ignore[arg-type]
    caller: Any = Caller("t", "c", None, frozenset(), None, None)  # type: ignore[arg-type]
    seen: set[str] = set()
    cursor = ids.first_of(datetime(1970, 1, 1, tzinfo=UTC))
    for turn in range(8):
        events, cursor = await desk.feed(caller, cursor, limit)
        seen |= {event.id for event in events}
        if turn == 2:
            assert store.late not in seen
            store.ids.append(store.late)
    assert seen == set(store.ids)
