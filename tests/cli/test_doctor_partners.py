"""`dragoman doctor` on what is called outside, and on what waits to be done."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.outbox import Attempt, Delivery, Job, SealedSecret, Settled, Subscription
from app.core.policy import Policy
from app.core.ports import Location, Store, Tenant
from app.doctor import Level
from app.service.clock import Clock
from app.service.vault import Vault, new_key
from tests.cli.test_doctor import examined
from tests.dialects.receiver import Receiver, receiving

_CLOCK = Clock()
_NOW = _CLOCK.now()
_NAMELESS = "a" * 70 + ".example"  # longer than a name may be: no server has to be asked


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
async def tenant(store: Store) -> str:
    await store.add_tenant(Tenant(id="acme", name="Acme", active=True, policy=Policy(), created_at=_NOW))
    return "acme"


async def _subscribe(store: Store, url: str, **facts: object) -> Subscription:
    made = Subscription(
        tenant_id="acme",
        id=_CLOCK.new_id(_NOW),
        dialect="native",
        credential_id="nobody",
        url=url,
        created_at=_NOW,
        updated_at=_NOW,
        **facts,  # type: ignore[arg-type]
    )
    await store.save_subscription(made)
    return made


async def _sent(store: Store, to: Subscription, status: int) -> None:
    id_, order_id = _CLOCK.new_id(_NOW), _CLOCK.new_order_id(_NOW)
    attempt = Attempt(at=_NOW + timedelta(seconds=1), seconds=0.1, status=status)
    delivery = Delivery(
        tenant_id="acme",
        id=id_,
        subscription_id=to.id,
        event_id=id_,
        order_id=order_id,
        topic="order.created",
        body="{}",
        place=0,
        attempts=(attempt,),
        created_at=_NOW,
        updated_at=_NOW,
    )
    await store.hand_on((), (), (delivery,))


@pytest.mark.usefixtures("tenant")
async def test_webhooks(store: Store, database_url: str, receiver: Receiver) -> None:
    """What was answered to messages counts more than a look, and whoever is looked at gets no message."""
    good = await _subscribe(store, receiver.url)
    off = await _subscribe(store, receiver.url, active=False)
    found = await examined(database_url, webhook_allow_private="true")
    assert [finding.text for finding in found["webhooks"]] == ["webhooks with nothing wrong: 1"]
    receiver.status = 404
    gone = await _subscribe(store, f"{receiver.url}/gone")
    await _sent(store, gone, 404)
    fine = await _subscribe(store, receiver.url)
    await _sent(store, fine, 200)
    failing = await _subscribe(store, receiver.url, failing_since=_NOW)
    await _sent(store, failing, 500)
    disabled = await _subscribe(store, receiver.url, active=False, disabled_reason="failed for 5 days")
    nowhere = await _subscribe(store, f"http://{_NAMELESS}/")
    found = await examined(database_url, webhook_allow_private="true")
    texts = {finding.text.split(" ")[2]: finding for finding in found["webhooks"] if finding.remedy}
    assert texts[good.id].text == f"Acme's webhook {good.id} at {receiver.url}: it answers 404"
    assert texts[gone.id].text == f"Acme's webhook {gone.id} answers 404 to what is sent"
    assert f"`dragoman replay {gone.id} --from TIME`" in texts[gone.id].remedy
    assert texts[disabled.id].text == f"Acme's webhook {disabled.id} was disabled: failed for 5 days"
    assert texts[nowhere.id].text.endswith(f"the name {_NAMELESS} does not resolve")
    assert texts[failing.id].text == f"Acme's webhook {failing.id} fails (status 500)"
    assert {off.id, fine.id}.isdisjoint(texts)
    found = await examined(database_url)
    texts = {finding.text.split(" ")[2]: finding for finding in found["webhooks"] if finding.remedy}
    assert "127.0.0.1 is a private address" in texts[good.id].text
    assert receiver.messages == []


async def test_locations(store: Store, database_url: str, tenant: str, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    for name, settings in {"Here": {"url": receiver.url}, "There": {"url": nobody}, "Hand": {}}.items():
        place = Location(
            tenant_id=tenant,
            id=_CLOCK.new_id(_NOW),
            name=name,
            connector="http" if settings else "manual",
            settings=json.dumps(settings),
            created_at=_NOW,
            updated_at=_NOW,
        )
        await store.save_location(place)
    found = (await examined(database_url, webhook_allow_private="true"))["locations"]
    assert [finding.level for finding in found] == [Level.PROBLEM, Level.NOTE, Level.OK]
    assert found[0].text.startswith(f"Acme's location There at {nobody}: no answer: ")
    assert "DRAGOMAN_PUBLIC_URL" in found[1].remedy
    assert found[2].text == "addresses of locations that answer: 1"


async def test_tasks_that_nobody_does(store: Store, database_url: str, tenant: str) -> None:
    due = _CLOCK.now() - timedelta(minutes=5)
    late, failed = (
        Job(tenant_id=tenant, id=_CLOCK.new_id(_NOW), order_id=_CLOCK.new_id(_NOW), kind=kind, payload="{}", due_at=due)
        for kind in ("publish", "warehouse")
    )
    await store.hand_on((), (late, failed), ())
    await store.settle(tenant, [Settled(job=replace(failed), aside_at=_NOW, error="status 500")])
    found = (await examined(database_url))["tasks"]
    assert [finding.level for finding in found] == [Level.PROBLEM, Level.PROBLEM]
    assert found[0].text.startswith("due: 1, the oldest for 3")
    assert "dragoman worker" in found[0].remedy
    assert found[1].text == f"set aside after their last try: 1 of Acme, such as warehouse {failed.id}: status 500"


@pytest.mark.usefixtures("tenant")
async def test_a_key_that_did_not_seal_what_is_stored(store: Store, database_url: str) -> None:
    key = new_key()
    sealed = SealedSecret(Vault([key]).seal("whsec_secret"))
    await _subscribe(store, "https://example.com/", secrets=(sealed,), active=False)
    assert "stored secrets" not in await examined(database_url, secret_key=f"{new_key()},{key}")
    [finding] = (await examined(database_url))["stored secrets"]
    assert finding.text == "the key does not open all secrets of Acme: some were sealed with another"
