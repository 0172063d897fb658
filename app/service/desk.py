"""The desk: load, decide, render, commit. Every change of an order, from whichever face, goes over it.

The reply is rendered before anything is committed, so a fault in a mapping never leaves a change behind an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core import answer, cancel, create, fulfil, ids, messages, steps
from app.core.ledger import Ledger
from app.core.messages import Change, Command, Context
from app.core.model import Case, Order
from app.core.ports import Commit, Found, Moved, Query, Ref, Replay, ReplayKey, Store, StoredEvent
from app.core.refusal import Code, Refusal
from app.service.access import Caller
from app.service.clock import Clock

_TRIES = 3
_REPLAYS_KEPT = timedelta(hours=24)
_FEED_OVERLAP = timedelta(seconds=15)  # longer than a statement may take

_DECIDE: dict[type[Any], Callable[[Ledger, Any, Context], Change]] = {
    messages.OpenOrder: create.decide_open,
    messages.EditOrder: create.decide_edit,
    messages.Cancel: cancel.decide_cancel,
    messages.Answer: answer.decide_answer,
    messages.Fulfil: fulfil.decide_fulfil,
    messages.Allocate: fulfil.decide_allocate,
    messages.MoveAllocation: fulfil.decide_move,
    messages.AnnounceReturn: steps.decide_return,
    messages.TakeStep: steps.decide_step,
}


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key and the fingerprint of the request that carries it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a face renders: the order as it will stand, and the case that the command made or answered."""

    ledger: Ledger
    case: Case | None
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A face's own text, opaque here; `replayed` if it was stored or pending from an earlier request."""

    text: str
    replayed: bool = False


Render = Callable[[Done], str]


class Desk:
    """Commands and reads of orders, for callers already authenticated."""

    def __init__(self, store: Store, clock: Clock, on_conflict: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._clock = clock
        self._on_conflict = on_conflict

    async def act(
        self,
        caller: Caller,
        dialect: str,
        ref: Ref,
        command: Command,
        render: Render,
        *,
        once: Once | None = None,
        dry_run: bool = False,
    ) -> Reply:
        """Two statements when nobody interferes. Raises the command's refusals, ORDER_NOT_FOUND, KEY_REUSED, BUSY."""
        await self._check_location(caller, command)
        for _ in range(_TRIES):
            now = self._clock.now()
            key = _replay_key(caller, once)
            found = await self._load(caller, ref, key, now)
            if found.replay is not None and once is not None:
                return _replayed(found, found.replay, once, render)
            before = Ledger(_order_of(found))
            ctx = Context(caller.actor(dialect), found.policy, max(now, before.order.updated_at))
            change = _DECIDE[type(command)](before, command, ctx)
            text = render(Done(change.ledger, change.case, change))
            if dry_run or change.event is None:
                return Reply(text)
            if await self._commit(change, key, once, text):
                return Reply(text)
        raise Refusal(Code.BUSY)

    async def create(
        self, caller: Caller, dialect: str, command: messages.CreateOrder, render: Render, *, once: Once | None = None
    ) -> Reply:
        """Raises DUPLICATE when the number or one of the keys belongs to another order."""
        collided = False
        for _ in range(_TRIES):
            now = self._clock.now()
            key = _replay_key(caller, once)
            found = await self._load(caller, None, key, now)
            if found.replay is not None and once is not None:
                return _replayed(found, found.replay, once, render)
            ctx = Context(caller.actor(dialect), found.policy, now)
            change = create.decide_create(command, caller.tenant_id, self._clock.new_order_id(now), ctx)
            if collided and (taken := await self._store.taken(caller.tenant_id, change)) is not None:
                raise Refusal(Code.DUPLICATE, field=taken.field)
            text = render(Done(change.ledger, None, change))
            if await self._commit(change, key, once, text):
                return Reply(text)
            collided = True
        raise Refusal(Code.BUSY)

    async def recall(self, caller: Caller, once: Once | None) -> Reply | None:
        """The reply to an earlier request with this key that was not about an order. Raises KEY_REUSED."""
        found = await self._load(caller, None, _replay_key(caller, once), self._clock.now())
        if found.replay is None or once is None:
            return None
        return _replayed(found, found.replay, once, lambda _: "")  # without an order nothing is rendered anew

    async def read(self, caller: Caller, ref: Ref) -> Ledger:
        """One statement. Raises ORDER_NOT_FOUND, for another tenant's order too."""
        return Ledger(_order_of(await self._load(caller, ref, None, self._clock.now())))

    async def find(self, caller: Caller, query: Query) -> list[Ledger]:
        return [Ledger(order) for order in await self._store.find(caller.tenant_id, query)]

    async def count(self, caller: Caller, query: Query) -> int:
        return await self._store.count(caller.tenant_id, query)

    async def history(self, caller: Caller, order_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Events of an order past a version, oldest first."""
        return await self._store.order_events(caller.tenant_id, order_id, after, limit)

    async def feed(self, caller: Caller, after: str, limit: int) -> tuple[Sequence[StoredEvent], str]:
        """The tenant's events past an event id, and the id to go on from.

        An event may be committed a little behind a later one, so a reader at the end is sent back by the overlap,
        however it got there.
        """
        settled = ids.first_of(self._clock.now() - _FEED_OVERLAP)
        events = await self._store.events(caller.tenant_id, after, limit)
        last = events[-1].id if events else after
        return events, last if last < settled or len(events) == limit else settled

    async def _load(self, caller: Caller, ref: Ref | None, key: ReplayKey | None, now: datetime) -> Found:
        if ref is not None and not ref.storable:
            raise Refusal(Code.ORDER_NOT_FOUND)
        found = await self._store.load(caller.tenant_id, ref, key)
        if found is None or not found.active:
            raise Refusal(Code.TENANT_INACTIVE)
        kept_from = now - _REPLAYS_KEPT
        if found.replay is not None and key is not None and found.replay.created_at < kept_from:
            await self._store.forget_replay(caller.tenant_id, key, kept_from)
            return Found(found.active, found.policy, found.order, None)
        return found

    async def _commit(self, change: Change, key: ReplayKey | None, once: Once | None, text: str) -> bool:
        """False if somebody else wrote first; then nothing was written."""
        commit = Commit(
            change=change,
            event_id=self._clock.new_id(change.ledger.order.updated_at),
            replay_key=key,
            fingerprint=once.fingerprint if once else "",
            reply=text,
        )
        try:
            await self._store.commit(commit)
        except Moved:
            self._on_conflict()
            return False
        return True

    async def _check_location(self, caller: Caller, command: Command) -> None:
        location_id = None
        if isinstance(command, messages.Cancel):
            location_id = command.restock_to
        elif isinstance(command, messages.TakeStep):
            location_id = command.location_id
        if location_id is not None and await self._store.location(caller.tenant_id, location_id) is None:
            raise Refusal(Code.LOCATION_NOT_FOUND)


def _order_of(found: Found) -> Order:
    if found.order is None:
        raise Refusal(Code.ORDER_NOT_FOUND)
    return found.order


def _replay_key(caller: Caller, once: Once | None) -> ReplayKey | None:
    return ReplayKey(caller.credential_id, once.key) if once else None


def _replayed(found: Found, replay: Replay, once: Once, render: Render) -> Reply:
    if replay.fingerprint != once.fingerprint:
        raise Refusal(Code.KEY_REUSED)
    if replay.case_id is not None and found.order is not None:
        ledger = Ledger(found.order)
        return Reply(render(Done(ledger, ledger.cases[replay.case_id])), replayed=True)
    return Reply(replay.reply, replayed=True)
