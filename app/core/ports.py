"""What the core needs from outside: a small set of verbs that both engines speak. No SQL, no wire format here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.core import finding
from app.core.mail_templates import MailTemplates
from app.core.messages import Change
from app.core.model import Order, Party
from app.core.outbox import Outbox
from app.core.policy import Policy
from app.core.retention import Retention
from app.core.stock import Stock

MAX_KEY = finding.MAX_KEY
Query = finding.Query
Ref = finding.Ref
RefundQuery = finding.RefundQuery
Search = finding.Search


@dataclass(frozen=True, slots=True)
class ReplayKey:
    """An idempotency key within its credential."""

    credential_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored reply, opaque to everybody but the face that wrote it; with a case it is rendered anew instead."""

    fingerprint: str
    reply: str
    order_id: str | None
    case_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A reply to keep for a retry, written together with the configuration that it tells about."""

    key: ReplayKey
    fingerprint: str
    reply: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Everything one command needs, read by one statement. `subscribed`: somebody is to hear of what it changes."""

    active: bool
    policy: Policy
    order: Order | None
    replay: Replay | None
    subscribed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A change with what only the outside knows: the id of its event and the reply to keep for a retry.

    With `subscribed` the order is kept beside the event, and a task to publish it is written. `trace` goes with every
    task of it, under `TRACE` in its payload.
    """

    change: Change
    event_id: str
    subscribed: bool = False
    trace: str = ""
    replay_key: ReplayKey | None = None
    fingerprint: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """`field` is what the other order has already: `keys` or `number` of a new one, else the kind of the `key`."""

    field: str
    order_id: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    id: str
    order_id: str
    version: int
    type: str
    at: datetime
    credential_id: str
    dialect: str
    party: str
    case_id: str | None
    before: str
    after: str
    """`before` and `after` are JSON texts: nobody between the store and the wire looks inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    id: str
    name: str
    active: bool
    policy: Policy
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """`secret_hash` is SHA-256 in hexadecimal of a 256-bit random secret. `dialects` None: all of them.

    `sealed_secret` is the secret itself, encrypted, where the partner's contract signs with it.
    """

    tenant_id: str
    id: str
    name: str
    party: Party
    scopes: tuple[str, ...]
    dialects: tuple[str, ...] | None
    secret_hash: str
    sealed_secret: str | None = None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    tenant_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """`connector` is its kind (`manual`, …) or None for an internal one; `settings` is the connector's JSON text."""

    tenant_id: str
    id: str
    name: str
    connector: str | None
    settings: str
    created_at: datetime
    updated_at: datetime


class Moved(Exception):  # noqa: N818 - a signal to load again, not an error
    """Somebody else wrote first (newer version, taken key, deadlock): nothing was written; load and decide again."""


class Orders(Protocol):
    """Orders and their replays. `Refusal(UNAVAILABLE | TIMED_OUT)` when the database is out of reach or too slow."""

    async def load(self, tenant_id: str, ref: Ref | None, replay: ReplayKey | None) -> Found | None:
        """None if there is no such tenant."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Raises `Moved`, having written nothing."""
        ...

    async def forget_replay(self, tenant_id: str, replay: ReplayKey, before: datetime) -> None:
        """Unless it is younger: somebody else may have forgotten the old one already, and used the key anew."""
        ...

    async def taken(self, tenant_id: str, change: Change) -> Taken | None:
        """Which other order has one of the keys already, else the number of a new one."""
        ...

    async def find(self, tenant_id: str, query: Query) -> list[Order]: ...

    async def count(self, tenant_id: str, query: Query) -> int: ...

    async def refunds(self, tenant_id: str, query: RefundQuery) -> list[tuple[Order, str]]:
        """The id of each refund, with its order."""
        ...

    async def undecided(self, tenant_id: str, query: finding.CaseQuery) -> list[tuple[Order, str]]:
        """The id of each case, with its order."""
        ...

    async def order_events(self, tenant_id: str, order_id: str, after: int, limit: int) -> list[StoredEvent]: ...

    async def events(self, tenant_id: str, after: str, limit: int) -> list[StoredEvent]: ...

    async def add_orders(self, tenant_id: str, commits: Sequence[Commit]) -> list[Taken | None]:
        """Insert new orders together; for each the order that was there already, or None if it went in."""
        ...


class Registry(Protocol):
    """Tenants, credentials, locations: rarely written. With a used key in `kept` nothing is written: `Moved`."""

    async def add_tenant(self, tenant: Tenant) -> None: ...
    async def tenants(self) -> list[Tenant]: ...
    async def tenant(self, tenant_id: str) -> Tenant | None: ...
    async def save_tenant(self, tenant: Tenant, kept: Kept | None = None) -> None: ...
    async def add_credential(self, credential: Credential, kept: Kept | None = None) -> None: ...
    async def credential(self, tenant_id: str, credential_id: str) -> Credential | None: ...
    async def credentials(self, tenant_id: str) -> list[Credential]: ...
    async def revoke_credential(
        self, tenant_id: str, credential_id: str, at: datetime, kept: Kept | None = None
    ) -> None: ...
    async def save_location(self, location: Location, kept: Kept | None = None) -> None: ...
    async def location(self, tenant_id: str, location_id: str) -> Location | None: ...
    async def locations(self, tenant_id: str) -> list[Location]: ...


class Hints(Protocol):
    """Of `app.service.signals.Signals` what a store needs."""

    def heard(self, tenant_id: str, order_id: str = "") -> None: ...
    def relay(self, hear: Callable[[str, str], None]) -> Callable[[], None]: ...


class Store(Orders, Registry, Outbox, Retention, Stock, MailTemplates, Protocol):
    @property
    def lateness(self) -> timedelta:
        """Later than this after it was made, which its id tells, no event comes to be seen, as far as the database does
        at once what it is sent."""
        ...

    async def ready(self) -> None:
        """Raises a Refusal unless the database answers."""
        ...

    async def pass_on(self, hints: Hints) -> None:
        """Tell other processes of this one's changes, and this one of theirs, until closed. Does not wait for them."""
        ...

    async def close(self) -> None: ...
