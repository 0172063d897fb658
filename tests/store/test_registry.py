"""Tenants, credentials and locations: what was saved is what is read, and nobody sees another tenant's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.model import Party
from app.core.policy import OnSilence, Policy
from app.core.ports import Credential, Location, Moved, Store, Tenant
from app.core.refusal import Code, Refusal
from app.service.access import SCOPES, Access, Keys
from app.service.clock import Clock
from tests.store.world import START, Watch, World, everything

TENANT = Tenant(id="t1", name="Käse & Söhne", active=True, policy=Policy(reasons=("é",)), created_at=START)
CREDENTIAL = Credential(
    tenant_id="t1",
    id="c1",
    name="ключ",
    party=Party.WAREHOUSE,
    scopes=("read_orders", "admin"),
    dialects=("shopline", "afosto"),
    secret_hash="00ff",
    created_at=START,
    expires_at=START + timedelta(days=1),
)
LOCATION = Location(
    tenant_id="t1",
    id="w1",
    name="Lager 1",
    connector="http",
    settings='{"url": "http://x/"}',
    created_at=START,
    updated_at=START,
)


async def test_a_tenant_reads_back_as_it_was_saved(store: Store):
    assert await store.tenant("t1") is None
    await store.add_tenant(TENANT)
    assert await store.tenant("t1") == TENANT
    policy = Policy(warehouse_deadline=60, on_silence=OnSilence.ACCEPT, sync_wait=0.25)
    changed = replace(TENANT, name="", active=False, policy=policy)
    await store.save_tenant(changed)
    assert await store.tenant("t1") == changed


async def test_tenants_are_listed_by_age_and_saved_apart(store: Store):
    assert await store.tenants() == []
    older = replace(TENANT, id="z", created_at=START - timedelta(milliseconds=1))
    await store.add_tenant(TENANT)
    await store.add_tenant(older)
    assert await store.tenants() == [older, TENANT]
    await store.save_tenant(replace(TENANT, name="changed"))
    assert await store.tenant("z") == older


async def test_a_tenant_is_not_added_twice(store: Store):
    await store.add_tenant(TENANT)
    with pytest.raises(Moved):
        await store.add_tenant(replace(TENANT, name="thief"))
    assert await store.tenants() == [TENANT]


async def test_a_credential_reads_back_as_it_was_saved(store: Store):
    await store.add_tenant(TENANT)
    plain = replace(CREDENTIAL, id="c2", dialects=None, expires_at=None, scopes=(), created_at=START + timedelta(1))
    none = replace(plain, id="c3", dialects=())
    for each in (none, plain, CREDENTIAL):
        await store.add_credential(each)
    assert await store.credential("t1", "c1") == CREDENTIAL
    assert await store.credential("t1", "c2") == plain
    assert await store.credentials("t1") == [CREDENTIAL, plain, none]
    with pytest.raises(Moved):
        await store.add_credential(replace(CREDENTIAL, secret_hash="other"))
    assert await store.credential("t1", "c1") == CREDENTIAL


async def test_a_credential_belongs_to_its_tenant(store: Store):
    other = replace(TENANT, id="t2", active=False)
    for tenant in (TENANT, other):
        await store.add_tenant(tenant)
    theirs = replace(CREDENTIAL, tenant_id="t2", name="theirs", tenant_active=False)
    for credential in (CREDENTIAL, theirs):
        await store.add_credential(credential)
    assert await store.credential("t1", "c1") == CREDENTIAL
    assert await store.credential("t2", "c1") == theirs
    assert await store.credential("t3", "c1") is None
    assert await store.credentials("t2") == [theirs]
    await store.revoke_credential("t2", "c1", START)
    assert await store.credential("t1", "c1") == CREDENTIAL


async def test_the_first_revocation_counts(store: Store):
    await store.add_tenant(TENANT)
    await store.add_credential(CREDENTIAL)
    await store.revoke_credential("t1", "nobody", START)
    await store.revoke_credential("t1", "c1", START + timedelta(seconds=1))
    await store.revoke_credential("t1", "c1", START + timedelta(seconds=2))
    assert await store.credentials("t1") == [replace(CREDENTIAL, revoked_at=START + timedelta(seconds=1))]


async def test_keys_expire_are_revoked_and_fall_with_their_tenant(store: Store):
    watch = Watch(step=timedelta(0))
    keys, access = Keys(store, Clock(watch)), Access(store, Clock(watch), cache_seconds=0)
    world = await World(store, watch=watch).add_tenant()
    lasting, last = await keys.add("t1", party=Party.BUYER)
    _, short = await keys.add("t1", expires_at=watch.at + timedelta(seconds=1), dialects=("shopline",))
    caller = await access.authenticate(last, "native")
    assert (caller.tenant_id, caller.credential_id, caller.party) == ("t1", lasting.id, Party.BUYER)
    assert caller.scopes == frozenset(SCOPES)
    await access.authenticate(short, "shopline")
    watch.at += timedelta(seconds=1)
    assert await _refused(access, short) == (Code.UNAUTHENTICATED, {"cause": "expired"})
    tenant = await store.tenant("t1")
    assert tenant is not None
    await store.save_tenant(replace(tenant, active=False))
    assert await _refused(access, last) == (Code.TENANT_INACTIVE, {})
    await store.save_tenant(tenant)
    await access.authenticate(last, "native")
    await keys.revoke("t1", lasting.id)
    assert await _refused(access, last) == (Code.UNAUTHENTICATED, {"cause": "revoked"})
    forged = last.replace("drg_t1", "drg_t2")
    assert await _refused(access, forged) == (Code.UNAUTHENTICATED, {"cause": "unknown"})
    stored = str(await everything(world.store))
    assert last.rsplit(".", 1)[1] not in stored
    assert short.rsplit(".", 1)[1] not in stored


async def _refused(access: Access, key: str) -> tuple[Code, dict[str, str | int | None]]:
    with pytest.raises(Refusal) as refused:
        await access.authenticate(key, "shopline")
    return refused.value.code, refused.value.facts


async def test_a_location_is_saved_over_itself(store: Store):
    assert await store.location("t1", "w1") is None
    await store.save_location(LOCATION)
    theirs = replace(LOCATION, tenant_id="t2", name="theirs", settings="{}")
    await store.save_location(theirs)
    assert await store.location("t1", "w1") == LOCATION
    later = START + timedelta(hours=1)
    changed = replace(LOCATION, name="", connector=None, settings="{}", created_at=later, updated_at=later)
    await store.save_location(changed)
    assert await store.location("t1", "w1") == replace(changed, created_at=START)
    assert await store.location("t2", "w1") == theirs


async def test_locations_are_listed_by_age(store: Store):
    younger = replace(LOCATION, id="a", created_at=START + timedelta(milliseconds=1))
    twin = replace(LOCATION, id="w0")
    for each in (younger, LOCATION, twin, replace(LOCATION, tenant_id="t2")):
        await store.save_location(each)
    assert await store.locations("t1") == [twin, LOCATION, younger]
    assert await store.locations("t3") == []
