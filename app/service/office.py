"""Configuration that a tenant keeps: itself and its policy, its locations, its keys. Exactly once, like the desk."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.core.policy import Policy
from app.core.ports import Credential, Location, Registry, Tenant
from app.core.refusal import Code, Refusal
from app.service import places
from app.service.access import Caller, Keys
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply
from app.service.vault import Vault
from app.service.writing import Draft, Writer


class Office:
    """Reads and changes of configuration. `render` is called before anything is written."""

    def __init__(
        self, desk: Desk, registry: Registry, keys: Keys, clock: Clock, *, vault: Vault, allow_private: bool = False
    ) -> None:
        """`allow_private` lets locations be anywhere, and be called by plain http."""
        self._writer = Writer(desk, clock)
        self._registry = registry
        self._keys = keys
        self._clock = clock
        self._vault = vault
        self._allow_private = allow_private

    async def tenant(self, tenant_id: str) -> Tenant:
        tenant = await self._registry.tenant(tenant_id)
        if tenant is None:
            raise Refusal(Code.TENANT_INACTIVE)
        return tenant

    async def is_alone(self) -> bool:
        """Whether there is one tenant only."""
        return len(await self._registry.tenants()) == 1

    async def edit_tenant(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Tenant], str],
        *,
        name: str | None,
        policy: Mapping[str, Any],
    ) -> Reply:
        """Only what is given changes."""

        async def draft() -> Draft:
            tenant = await self.tenant(caller.tenant_id)
            merged: Policy = replace(tenant.policy, **policy)
            edited = replace(tenant, name=tenant.name if name is None else name, policy=merged)
            text = render(edited)
            return Draft(text, text, lambda kept: self._registry.save_tenant(edited, kept))

        return await self._writer.write(caller, once, draft)

    async def location(self, tenant_id: str, location_id: str) -> Location:
        location = await self._registry.location(tenant_id, location_id)
        if location is None:
            raise Refusal(Code.LOCATION_NOT_FOUND)
        return location

    async def locations(self, tenant_id: str) -> list[Location]:
        return await self._registry.locations(tenant_id)

    async def add_location(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Location], str],
        *,
        name: str,
        connector: str | None,
        settings: Mapping[str, Any],
    ) -> Reply:
        """`settings` as the connector needs them, secrets included. Raises INVALID."""

        async def draft() -> Draft:
            now = self._clock.now()
            location = Location(
                tenant_id=caller.tenant_id,
                id=self._clock.new_id(now),
                name=name,
                connector=connector,
                settings=self._settings(connector, settings, None),
                created_at=now,
                updated_at=now,
            )
            return self._save_location(location, render)

        return await self._writer.write(caller, once, draft)

    async def edit_location(
        self,
        caller: Caller,
        once: Once | None,
        render: Callable[[Location], str],
        *,
        location_id: str,
        changed: Mapping[str, Any],
    ) -> Reply:
        """`changed` has what `add_location` takes. Orders allocated there keep the connector of their allocation.

        A secret that is not given stays. Raises INVALID.
        """

        async def draft() -> Draft:
            location = await self.location(caller.tenant_id, location_id)
            facts = dict(changed)
            if "settings" in facts:
                facts["settings"] = self._settings(facts["connector"], facts["settings"], location)
            edited = replace(location, **facts, updated_at=self._clock.now())
            return self._save_location(edited, render)

        return await self._writer.write(caller, once, draft)

    def _settings(self, connector: str | None, given: Mapping[str, Any], before: Location | None) -> str:
        return places.kept(connector, given, before, self._vault, allow_private=self._allow_private)

    def _save_location(self, location: Location, render: Callable[[Location], str]) -> Draft:
        text = render(location)
        return Draft(text, text, lambda kept: self._registry.save_location(location, kept))

    async def credentials(self, tenant_id: str) -> list[Credential]:
        return await self._registry.credentials(tenant_id)

    async def add_credential(
        self, caller: Caller, once: Once | None, render: Callable[[Credential, str | None], str], **facts: Any
    ) -> Reply:
        """`facts` as `Keys.make` takes them. What is kept for a retry is rendered without the key's text."""

        async def draft() -> Draft:
            credential, key = self._keys.make(caller.tenant_id, **facts)
            return Draft(
                render(credential, key),
                render(credential, None),
                lambda kept: self._registry.add_credential(credential, kept),
            )

        return await self._writer.write(caller, once, draft)

    async def revoke_credential(
        self, caller: Caller, once: Once | None, render: Callable[[Credential], str], *, credential_id: str
    ) -> Reply:
        """Final; revoking again changes nothing. Raises CREDENTIAL_NOT_FOUND."""

        async def draft() -> Draft:
            revoked = await self._keys.revoked(caller.tenant_id, credential_id)
            text = render(revoked)
            return Draft(text, text, lambda kept: self._keys.write_revoked(revoked, kept))

        return await self._writer.write(caller, once, draft)
