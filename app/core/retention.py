"""What is not kept for ever: removed some rows at a time, so that nobody waits for it."""

from datetime import datetime
from typing import Protocol


class Retention(Protocol):
    """Each removes at most `limit` rows of one tenant that are older than `before`, and says how many."""

    async def purge_events(self, tenant_id: str, before: datetime, limit: int) -> int:
        """None that is still to be told to those who subscribed."""
        ...

    async def purge_deliveries(self, tenant_id: str, before: datetime, limit: int) -> int:
        """Of the log. What is still to be sent stays."""
        ...

    async def purge_tasks_aside(self, tenant_id: str, before: datetime, limit: int) -> int:
        """Tasks that were set aside before that, and that nobody has retried."""
        ...

    async def purge_replays(
        self, tenant_id: str, before: datetime, after: tuple[str, str], limit: int
    ) -> tuple[str, str] | None:
        """Looks at `limit` replies from a credential and key on; returns where to go on, None at the end.

        They have no index by age, which every change would have to pay for: a walk over all of them is cheaper.
        """
        ...
