"""Configuration that a tenant keeps: its own policy, and its locations."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core.policy import Policy
from app.core.ports import Location, Registry, Tenant
from app.core.refusal import Code, Refusal
from app.service.clock import Clock


class Office:
    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    async def tenant(self, tenant_id: str) -> Tenant:
        tenant = await self._registry.tenant(tenant_id)
        if tenant is None:
            raise Refusal(Code.TENANT_INACTIVE)
        return tenant

    async def edit_tenant(self, tenant_id: str, *, name: str | None, policy: Mapping[str, Any]) -> Tenant:
        """Only what is given changes."""
        tenant = await self.tenant(tenant_id)
        merged: Policy = replace(tenant.policy, **policy)
        edited = replace(tenant, name=tenant.name if name is None else name, policy=merged)
        await self._registry.save_tenant(edited)
        return edited

    async def location(self, tenant_id: str, location_id: str) -> Location:
        location = await self._registry.location(tenant_id, location_id)
        if location is None:
            raise Refusal(Code.LOCATION_NOT_FOUND)
        return location

    async def locations(self, tenant_id: str) -> list[Location]:
        return await self._registry.locations(tenant_id)

    async def add_location(
        self, tenant_id: str, name: str, connector: str | None, settings: Mapping[str, Any]
    ) -> Location:
        now = self._clock.now()
        location = Location(
            tenant_id=tenant_id,
            id=self._clock.new_id(now),
            name=name,
            connector=connector,
            settings=json.dumps(settings),
            created_at=now,
            updated_at=now,
        )
        await self._registry.save_location(location)
        return location

    async def edit_location(self, location: Location, **changed: Any) -> Location:
        """Orders already allocated there keep the connector they were allocated under."""
        if "settings" in changed:
            changed["settings"] = json.dumps(changed["settings"])
        edited = replace(location, **changed, updated_at=self._clock.now())
        await self._registry.save_location(edited)
        return edited
