"""Locations that were looked up before: no location is ever taken away, so one that is there stays."""

from collections.abc import Mapping

from app.core.ports import Registry
from app.core.refusal import Code, Refusal

_MOST = 10_000


class KnownLocations:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: set[tuple[str, str]] = set()

    async def check(self, tenant_id: str, location_ids: Mapping[str, str | None]) -> None:
        """Each with the field that names it. Raises LOCATION_NOT_FOUND."""
        for location_id, field in location_ids.items():
            known = tenant_id, location_id
            if known in self._known:
                continue
            if await self._registry.location(*known) is None:
                raise Refusal(Code.LOCATION_NOT_FOUND, field=field)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known.add(known)
