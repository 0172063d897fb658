"""Who may see the server's figures: they are of all tenants, so only an admin of the only one, or as is allowed."""

import time

from app.console import errors
from app.console.figures import Figures
from app.service.access import Caller
from app.web.dialect import Services
from app.web.reply import Reply, json

_REMEMBERED = 60
"""Seconds that it is not asked again whether there are other tenants."""


class Health:
    def __init__(self, services: Services, figures: Figures, *, shared: bool) -> None:
        self._services = services
        self._figures = figures
        self._shared = shared
        self._alone = (0.0, False)

    async def reply(self, caller: Caller) -> Reply:
        """Raises SCOPE_MISSING."""
        caller.require("admin")
        if not self._shared and not await self._is_alone():
            return errors.of_others()
        return json(self._figures.shown(), 200, {"Cache-Control": "no-store"})

    async def _is_alone(self) -> bool:
        until, alone = self._alone
        if time.monotonic() >= until:
            alone = await self._services.office.is_alone()
            self._alone = (time.monotonic() + _REMEMBERED, alone)
        return alone
