"""A server of one tenant that may call this machine, and a partner's endpoint that it calls. No test is here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.dialects.server import serve
from tests.dialects.tenants import Tenant
from tests.outbox.receiver import OK, Receiver, receiving, status

GONE = status(410, b"Moved away")
FULL = status(503, b"Come back later")


@dataclass(frozen=True)
class Partner:
    """Its endpoint answers 410 at `/old`, 503 at `/busy`, and else takes what comes."""

    tenant: Tenant
    receiver: Receiver
    portal: BlockingPortal

    def got(self, count: int, path: str) -> list[Any]:
        return self.portal.call(self.receiver.got, count, path)

    def webhook(self, path: str, **more: Any) -> Any:
        return self.tenant.api("POST", "/webhooks", {"url": self.receiver.url + path, **more})

    def asked(self, *, behaviour: str | None = None, **more: Any) -> Any:
        """An order whose cancellation waits for a location: order, location and request."""
        connector = {"kind": "simulator", "behaviour": behaviour} if behaviour else {"kind": "manual"}
        location = self.tenant.api("POST", "/locations", {"name": "Rotterdam", "connector": connector})
        order = self.tenant.create(**more)
        path = f"/orders/{order['id']}"
        self.tenant.api("POST", f"{path}/allocations", {"location_id": location["id"], "stage": "picking"})
        done = self.tenant.api("POST", f"{path}/cancellations", {"reason": "Changed my mind"})
        return order, location, done["request"]


@contextmanager
def partner(sqlite_template: Path, folder: Path) -> Iterator[Partner]:
    path = shutil.copy(sqlite_template, folder / "dragoman.db")
    with (
        serve(f"sqlite:///{path}", webhook_allow_private=True, sync_wait=0.0) as server,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(receiving()) as receiver,
    ):
        receiver.by_path.update({"/old": GONE, "/busy": FULL, "/new": OK})
        yield Partner(Tenant.add(server), receiver, portal)
