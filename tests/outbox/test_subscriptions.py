"""What a webhook may be, its secrets, and changing it exactly once."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.core.outbox import Subscription
from app.core.ports import Credential, Store
from app.core.refusal import Code, Refusal
from app.service.access import Keys
from app.service.desk import Once
from app.service.hooks import WHSEC
from app.service.webhooks import MOST, OVERLAP, Webhooks
from tests.outbox.receiver import Receiver
from tests.outbox.world import TinyHooks, World

_URL = "https://hooks.example.com/x"


def _strict(world: World) -> Webhooks:
    """As in production: https to the public internet."""
    return Webhooks(world.desk, world.store, world.store, world.hooks, vault=world.vault, clock=world.clock)


async def _refused(world: World, **facts: object) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await _strict(world).add(
            world.caller,
            None,
            lambda *_: "",
            **{"dialect": "tiny", "url": _URL, **facts},  # type: ignore[arg-type]
        )
    assert await world.webhooks.subscriptions(world.tenant_id) == []
    return refused.value


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "hooks.example.com",
        "https://",
        "https:///path",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://0/",
        "https://10.1.2.3/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]:8443/",
        "https://[::1/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:password@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com:0/",
        "https://hooks_.exa mple.com/",
        "https://hööks.example.com/",
        "https://hooks.example.com/\r\nX: y",
        "https://-x.example.com/",
        "https://hooks.example.com/" + "a" * 2048,
    ],
)
async def test_where_none_may_go(world: World, url: str) -> None:
    refusal = await _refused(world, url=url)
    assert (refusal.code, refusal.facts["field"]) == (Code.INVALID, "url")


@pytest.mark.parametrize(
    "url", [_URL, "https://8.8.8.8:8443/a?b=c", "https://[2606:4700::1111]/", "https://a.b-c.example.com./"]
)
async def test_where_one_may_go(world: World, url: str) -> None:
    reply = await _strict(world).add(world.caller, None, lambda made, _: made.url, dialect="tiny", url=url)
    assert reply.text == url


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"topics": ("order.created", "nonsense")}, "topics.1"),
        ({"dialect": "nonsense"}, "dialect"),
        ({"secret": " spaces at both ends "}, "secret"),
        ({"headers": {"X-A": "1\n2"}}, "headers"),
        ({"headers": {"X A": "1"}}, "headers"),
        ({"headers": {"Host": "elsewhere.example.com"}}, "headers"),
        ({"headers": {"content-length": "0"}}, "headers"),
        ({"headers": {f"X-{n}": "1" for n in range(21)}}, "headers"),
    ],
)
async def test_what_none_may_have(world: World, facts: dict[str, object], field: str) -> None:
    refusal = await _refused(world, **facts)
    assert (refusal.code, refusal.facts["field"]) == (Code.INVALID, field)


async def test_a_key_for_other_dialects_makes_none(world: World) -> None:
    world.caller = replace(world.caller, dialects=frozenset({"native"}))
    assert (await _refused(world)).code is Code.DIALECT_NOT_ALLOWED


async def test_there_is_an_end_to_their_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.webhooks.MOST", 2)
    for _ in range(2):
        await world.subscribe(_URL)
    with pytest.raises(Refusal, match="more than 2 webhooks"):
        await world.subscribe(_URL)
    assert MOST > 100


async def test_a_secret_is_made_shown_once_and_stored_sealed(world: World, receiver: Receiver) -> None:
    shown: list[str | None] = []

    def render(subscription: Subscription, secret: str | None) -> str:
        shown.append(secret)
        return f"{subscription.id} {'with' if secret else 'without'}"

    once = Once("key", "fingerprint")
    first = await world.webhooks.add(world.caller, once, render, dialect="tiny", url=receiver.url)
    again = await world.webhooks.add(world.caller, once, render, dialect="tiny", url=receiver.url)
    assert (first.text.partition(" ")[2], first.replayed) == ("with", False)
    assert (again.text, again.replayed) == (first.text.replace("with", "without"), True)
    secret = shown[0]
    assert secret is not None
    assert re.fullmatch(WHSEC, secret)
    [subscription] = await world.webhooks.subscriptions(world.tenant_id)
    assert secret not in repr(subscription)
    async with world.working():
        await world.order()
        await world.settled()
    assert receiver.requests[0].headers["x-secrets"] == secret


async def test_a_replaced_secret_signs_for_a_day_beside_the_new_one(world: World, receiver: Receiver) -> None:
    subscription = await world.subscribe(receiver.url, secret="first")
    await world.webhooks.edit(
        world.caller,
        None,
        lambda made, secret: f"{made.id} {secret}",
        subscription_id=subscription.id,
        changed={},
        rotate=True,
        secret="second",
    )
    held = await world.subscription(subscription)
    assert held.secrets[1].until == held.updated_at + OVERLAP
    async with world.working():
        await world.order()
        await world.settled()
        assert receiver.requests[0].headers["x-secrets"] == "second first"
        ended = [held.secrets[0], replace(held.secrets[1], until=world.clock.now() - timedelta(seconds=1))]
        await world.store.save_subscription(replace(held, secrets=tuple(ended)))
        await world.order()
        await world.settled()
    assert receiver.requests[1].headers["x-secrets"] == "second"


async def test_old_secrets_do_not_pile_up(world: World) -> None:
    subscription = await world.subscribe(_URL, secret="first")
    untils: list[datetime | None] = []
    for n in range(8):
        await world.webhooks.edit(
            world.caller, None, lambda *_: "", subscription_id=subscription.id, changed={}, rotate=True, secret=f"s{n}"
        )
        untils.append((await world.subscription(subscription)).secrets[1].until)
    held = await world.subscription(subscription)
    assert [world.vault.open(each.text) for each in held.secrets] == ["s7", "s6", "s5", "s4", "s3"]
    assert untils == sorted(filter(None, untils)), "rotating again does not prolong an old one"


async def test_the_client_secret_signs_where_the_dialect_has_it_so(store: Store, receiver: Receiver) -> None:
    hooks = TinyHooks()
    hooks.client_secret = True
    world = await World(store, hooks={"tiny": hooks}).open()
    credential, key = await Keys(store, world.clock, vault=world.vault).add(world.tenant_id)
    sealed: Credential | None = await store.credential(world.tenant_id, credential.id)
    assert sealed is not None
    assert sealed.sealed_secret is not None
    assert key.rpartition(".")[2] not in sealed.sealed_secret
    world.caller = replace(world.caller, credential_id=credential.id)
    shown: list[str | None] = []
    for secret in (None, "own"):
        await world.webhooks.add(
            world.caller,
            None,
            lambda _, given: shown.insert(9, given) or "",  # type: ignore[func-returns-value, redundant-expr]
            dialect="tiny",
            url=receiver.url,
            secret=secret,
        )
    assert shown[0] is None, "it is known already, and not shown"
    async with world.working():
        await world.order()
        await world.settled()
    assert {request.headers["x-secrets"] for request in receiver.requests} == {key.rpartition(".")[2], "own"}


async def test_own_headers_go_along_and_do_not_replace_a_signature(world: World, receiver: Receiver) -> None:
    await world.subscribe(receiver.url, headers={"Authorization": "Basic abc", "x-id": "forged"})
    async with world.working():
        await world.order()
        await world.settled()
    [request] = receiver.requests
    assert request.headers["authorization"] == "Basic abc"
    assert request.id != "forged"


async def test_only_wanted_topics_are_sent(world: World, receiver: Receiver) -> None:
    await world.subscribe(f"{receiver.url}/updated", topics=("order.updated",))
    await world.subscribe(f"{receiver.url}/extra", topics=("extra",))
    async with world.working():
        await world.note(await world.order(), "changed")
        await world.settled()
    assert [request.path for request in receiver.requests] == ["/updated"]


async def test_a_changed_address_holds_for_what_waits(world: World, receiver: Receiver) -> None:
    world.tiny.schedule = (0.3,)
    receiver.by_path["/new"] = receiver.answer
    subscription = await world.subscribe("http://127.0.0.1:1/old")
    async with world.working():
        await world.order()
        await world.webhooks.edit(
            world.caller,
            None,
            lambda *_: "",
            subscription_id=subscription.id,
            changed={"url": f"{receiver.url}/new"},
        )
        await receiver.got(1, "/new")
        await world.settled()


async def test_another_tenants_is_not_there(world: World) -> None:
    subscription = await world.subscribe(_URL)
    other = await World(world.store).open()
    for refused in (
        other.webhooks.subscription(other.tenant_id, subscription.id),
        world.webhooks.subscription(world.tenant_id, subscription.id, "another dialect"),
        world.webhooks.subscription(world.tenant_id, "nonsense"),
        other.webhooks.remove(other.caller, None, lambda _: "", subscription_id=subscription.id),
        other.webhooks.edit(other.caller, None, lambda *_: "", subscription_id=subscription.id, changed={}),
    ):
        with pytest.raises(Refusal) as found:
            await refused
        assert found.value.code is Code.SUBSCRIPTION_NOT_FOUND
    assert await world.webhooks.subscriptions(world.tenant_id) == [subscription]
    assert await world.webhooks.subscriptions(world.tenant_id, "another dialect") == []
