"""What the outbox needs from outside: tasks that are due, subscriptions to events, and the log of deliveries.

Tasks of one `lane` are done in the order of their `place`, one at a time: the next one is due once the one before is
done or set aside. Tasks of one `channel` go to the same place outside (a subscription, a location), so that a slow one
can be left out of a claim while the others go on. All of a lane are in one channel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:  # `Store`, which is declared there, includes what is declared here
    from app.core.ports import Kept, StoredEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A claimed task. `payload` is JSON text, `attempts` how often it was tried before.

    `lease_until` is set by the store on one that is handed out; a job without it is only spoken of.
    """

    tenant_id: str
    id: str
    order_id: str
    kind: str
    payload: str
    due_at: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    lane: str | None = None
    place: int = 0
    channel: str = ""
    failed_at: datetime | None = None
    error: str | None = None


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


Failing = Literal["failing"]
"""What failed, and what waits after a try that failed: of a pending one each try so far did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: what came back (bounded), or why nothing did. `seconds` is how long it took."""

    at: datetime
    seconds: float
    status: int | None = None
    response: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one subscription; its id is the message's own, the same on every try and every resend."""

    tenant_id: str
    id: str
    subscription_id: str
    event_id: str
    order_id: str
    topic: str
    body: str
    place: int
    state: DeliveryState = DeliveryState.PENDING
    attempts: tuple[Attempt, ...] = ()
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a job ended. Neither `again_at` nor `aside_at`: done, and gone. `delivery` is the log's entry after it.

    Not `tried`: it was claimed, and is given back (`again_at`) as if it had not been.
    """

    job: Job
    tried: bool = True
    again_at: datetime | None = None
    aside_at: datetime | None = None
    error: str | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A signing secret as stored, encrypted; with `until` it is an older one that still signs beside the new one."""

    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`topics` empty: all. `settings` are the dialect's own facts; `blocking`: a failure holds back what follows."""

    tenant_id: str
    id: str
    dialect: str
    credential_id: str
    url: str
    topics: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[SealedSecret, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    blocking: bool = False
    active: bool = True
    failing_since: datetime | None = None
    disabled_reason: str | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event with the order as of it: `format` and `body` as the store wrote them, None where nobody listened."""

    event: "StoredEvent"
    format: int | None
    body: str | None


class Tasks(Protocol):
    """The queue. Times are the service's; a lease ends by itself when its worker dies."""

    async def due_tenants(self, now: datetime, limit: int) -> list[str]:
        """Tenants with a task that is due, longest due first. It may still be behind another one, or be busy.

        A look at everything that is due: for the start and now and then, not for every hint.
        """
        ...

    async def next_due(self, after: datetime | None = None) -> datetime | None:
        """When the earliest waiting task is due or its lease ends, if that is later than `after`; None: never."""
        ...

    async def claim(
        self, tenant_id: str, now: datetime, lease_until: datetime, limit: int, busy: Sequence[str] = ()
    ) -> list[Job]:
        """Take what is due, heads of their lanes only, none of a busy channel; nobody else gets the same.

        A lease that ended without being settled counts as a try: it may have been what killed its worker.

        Channels take turns, so that one with a long queue does not fill the claim. What waits behind a job of the
        claimer's own can be had once that is settled.
        """
        ...

    async def settle(self, tenant_id: str, settled: Sequence[Settled]) -> None:
        """By one statement. A job whose lease another worker has since taken over is settled all the same.

        What comes behind one that is done or set aside, in its lane, is then due as that was.
        """
        ...

    async def hand_on(
        self,
        done: Sequence[Job],
        jobs: Sequence[Job],
        deliveries: Sequence[Delivery],
        leased_until: datetime | None = None,
        *,
        busy: Sequence[str] = (),
        kept: "Kept | None" = None,
    ) -> list[Job]:
        """Remove `done`, add `jobs` and log entries, all or nothing. Returns the jobs that the caller may go on with.

        Those are leased, the first of their lanes and in no busy channel; none without `leased_until`. The others wait
        for a claim.
        All of one tenant. Raises `Moved` when one of `done` is gone, or when one of the additions, or the key of
        `kept`, is there already.
        """
        ...

    async def backlog(self, now: datetime) -> tuple[int, float]:
        """How many tasks are due and wait, over all tenants, and for how many seconds the oldest of them has."""
        ...

    async def tasks_aside(self, tenant_id: str, after: str, limit: int) -> list[Job]:
        """By id, past the id `after` (empty: from the first)."""
        ...

    async def retry_task(self, tenant_id: str, task_id: str, now: datetime) -> bool:
        """Due again at once, as if never tried; False if there is none set aside under this id."""
        ...

    async def keep(self, tenant_id: str, kept: "Kept") -> None:
        """A reply alone, to what was written before it. Raises `Moved` when its key is there already."""
        ...


class Subscriptions(Protocol):
    """Also keeps the tenant's `subscribed` flag, which tells commits whether to store the order beside the event.

    Removing one takes along what waits in its channel.
    """

    async def save_subscription(self, subscription: Subscription, kept: "Kept | None" = None) -> None: ...
    async def remove_subscription(self, tenant_id: str, subscription_id: str, kept: "Kept | None" = None) -> None: ...
    async def mark_failing(self, tenant_id: str, subscription_id: str, since: datetime | None) -> None:
        """Only this one fact, so that an edit at the same time is not lost. None: it works again."""
        ...

    async def disable_subscription(self, tenant_id: str, subscription_id: str, reason: str, now: datetime) -> None:
        """Only `active`, `disabled_reason` and `updated_at`, of one that is active."""
        ...

    async def subscription(self, tenant_id: str, subscription_id: str) -> Subscription | None: ...
    async def subscriptions(self, tenant_id: str) -> list[Subscription]: ...


class Deliveries(Protocol):
    async def delivery(self, tenant_id: str, delivery_id: str) -> Delivery | None: ...

    async def deliveries(self, tenant_id: str, ids: Sequence[str]) -> list[Delivery]: ...

    async def delivery_log(
        self, tenant_id: str, subscription_id: str, state: DeliveryState | Failing | None, before: str, limit: int
    ) -> list[Delivery]:
        """Newest first, older than the id `before` (empty: from the newest)."""
        ...

    async def published(self, tenant_id: str, event_ids: Sequence[str]) -> list[Published]: ...

    async def published_between(
        self, tenant_id: str, first: datetime, end: datetime, after: str, limit: int
    ) -> list[Published]:
        """Events of a time range with the order as of each, oldest first, past the event id `after`."""
        ...


class Outbox(Tasks, Subscriptions, Deliveries, Protocol):
    """All that the worker and the subscriptions' service use."""
