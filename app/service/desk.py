"""The desk: load, decide, render, commit; every change of an order, from whichever face, goes over it. The reply is
rendered before anything is committed, so a fault in a mapping never leaves a change behind an error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.core import commands, create, ids, messages
from app.core.commands import Command
from app.core.decide import decide
from app.core.finding import CaseQuery
from app.core.ledger import Ledger
from app.core.messages import Change, Context, Place
from app.core.model import Case, Order
from app.core.policy import Policy
from app.core.ports import Commit, Found, Moved, Query, Ref, RefundQuery, Replay, ReplayKey, Store, StoredEvent
from app.core.refusal import Code, Refusal
from app.service import tracing
from app.service.access import Caller
from app.service.clock import Clock
from app.service.known import KnownLocations
from app.service.signals import Signals
from app.service.waiting import Waiting, answers_soon, asked

_TRIES = 3
_REPLAYS_KEPT = timedelta(hours=24)


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
OnAnswer = Callable[[Caller, messages.Answer, Change], None]
"""Told of every answer of a warehouse once it is written, or has changed nothing: then the change has no event."""


@dataclass(frozen=True, slots=True)
class _Acted:
    """A reply with what it was rendered from, as far as somebody may wait for more, and the policy it came under."""

    reply: Reply
    done: Done | None
    policy: Policy


class Desk:
    """Commands and reads of orders, for callers already authenticated.

    `sync_wait` is for how many seconds a request waits for warehouses where the tenant's policy does not say it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        on_conflict: Callable[[], None] = lambda: None,
        *,
        signals: Signals | None = None,
        sync_wait: float = 0,
        on_answer: OnAnswer = lambda caller, command, change: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_conflict = on_conflict
        self._signals = signals or Signals()
        self._waiting = Waiting(self._signals)
        self._sync_wait = sync_wait
        self._on_answer = on_answer
        self._locations = KnownLocations(store)

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
        wait: bool = False,
    ) -> Reply:
        """Two statements when nobody interferes. Raises the command's refusals, ORDER_NOT_FOUND, KEY_REUSED, BUSY.

        With `wait`, a case that warehouses have still to answer is waited for, as long as the policy says, and the
        reply rendered anew: that may raise, too. No connection and no transaction is held meanwhile.
        """
        await self._locations.check(caller.tenant_id, commands.restocked(command))
        acted = await self._act(caller, dialect, ref, command, render, once=once, dry_run=dry_run)
        if isinstance(command, messages.Answer) and acted.done is not None and acted.done.change is not None:
            self._on_answer(caller, command, acted.done.change)
        if not wait or dry_run or acted.done is None:
            return acted.reply
        return await self._answered(caller, acted.done, acted, render)

    async def _act(
        self,
        caller: Caller,
        dialect: str,
        ref: Ref,
        command: Command,
        render: Render,
        *,
        once: Once | None,
        dry_run: bool,
    ) -> _Acted:
        collided = False
        for _ in range(_TRIES):
            key = _replay_key(caller, once)
            found = await self._load(caller, ref, key)
            if found.replay is not None and once is not None:
                return _replayed(found, found.replay, once, render)
            before = Ledger(_order_of(found))
            place = await self._place(caller, found, command)
            now = self._clock.now()
            ctx = Context(caller.actor(dialect), found.policy, max(now, before.order.updated_at), place)
            change = decide(before, command, ctx)
            if collided:
                await self._check_free(caller, change)
            done = Done(change.ledger, change.case, change)
            text = render(done)
            if dry_run or change.event is None or await self._commit(found, change, key, once, text):
                return _Acted(Reply(text), done, found.policy)
            collided = True
        raise Refusal(Code.BUSY)

    async def _answered(self, caller: Caller, done: Done, acted: _Acted, render: Render) -> Reply:
        """The reply once the warehouses have answered, or the time is up; as it was, if there is nothing to wait for.

        Whoever waits looks for himself, and a look that fails (the database is gone) changes nothing that was said.
        """
        case, seconds = done.case, acted.policy.sync_wait
        if case is None or not answers_soon(done.ledger.order, case):
            return acted.reply
        ref, seen = Ref.to_order("", done.ledger.order.id), done

        async def look() -> bool:
            nonlocal seen
            try:
                ledger = await self.read(caller, ref)
            except Refusal:
                return True
            seen = Done(ledger, ledger.cases[case.id])
            return not asked(ledger.cases[case.id])

        await self._waiting.until(
            caller.tenant_id, done.ledger.order.id, self._sync_wait if seconds is None else seconds, look
        )
        return acted.reply if seen is done else replace(acted.reply, text=render(seen))

    async def create(
        self, caller: Caller, dialect: str, command: messages.CreateOrder, render: Render, *, once: Once | None = None
    ) -> Reply:
        """Raises DUPLICATE when the number or one of the keys belongs to another order."""
        collided = False
        for _ in range(_TRIES):
            key = _replay_key(caller, once)
            found = await self._load(caller, None, key)
            if found.replay is not None and once is not None:
                return _replayed(found, found.replay, once, render).reply
            now = self._clock.now()
            ctx = Context(caller.actor(dialect), found.policy, now)
            change = create.decide_create(command, caller.tenant_id, self._clock.new_order_id(now), ctx)
            if collided:
                await self._check_free(caller, change)
            text = render(Done(change.ledger, None, change))
            if await self._commit(found, change, key, once, text):
                return Reply(text)
            collided = True
        raise Refusal(Code.BUSY)

    async def recall(self, caller: Caller, once: Once | None) -> Reply | None:
        """The reply to an earlier request with this key that was not about an order. Raises KEY_REUSED."""
        found = await self._load(caller, None, _replay_key(caller, once))
        if found.replay is None or once is None:
            return None
        return _replayed(found, found.replay, once, lambda _: "").reply  # without an order nothing is rendered anew

    async def read(self, caller: Caller, ref: Ref) -> Ledger:
        """One statement. Raises ORDER_NOT_FOUND, for another tenant's order too."""
        return Ledger(_order_of(await self._load(caller, ref, None)))

    async def find(self, caller: Caller, query: Query) -> list[Ledger]:
        return [Ledger(order) for order in await self._store.find(caller.tenant_id, query)]

    async def count(self, caller: Caller, query: Query) -> int:
        return await self._store.count(caller.tenant_id, query)

    async def refunds(self, caller: Caller, query: RefundQuery) -> list[tuple[Ledger, str]]:
        return [(Ledger(order), id_) for order, id_ in await self._store.refunds(caller.tenant_id, query)]

    async def undecided(self, caller: Caller, query: CaseQuery) -> list[tuple[Ledger, Case]]:
        found = [(Ledger(order), id_) for order, id_ in await self._store.undecided(caller.tenant_id, query)]
        return [(ledger, ledger.cases[id_]) for ledger, id_ in found]

    async def history(self, caller: Caller, order_id: str, after: int, limit: int) -> Sequence[StoredEvent]:
        """Events of an order past a version, oldest first."""
        return await self._store.order_events(caller.tenant_id, order_id, after, limit)

    async def feed(self, caller: Caller, after: str, limit: int) -> tuple[Sequence[StoredEvent], str]:
        """The tenant's events past an event id, and the id to go on from.

        An event may be committed a little behind a later one, so a reader at the end is sent back by the store's
        lateness, however it got there.
        """
        settled = ids.first_of(self._clock.now() - self._store.lateness)
        events = await self._store.events(caller.tenant_id, after, limit)
        last = events[-1].id if events else after
        return events, last if last < settled or len(events) == limit else settled

    async def _load(self, caller: Caller, ref: Ref | None, key: ReplayKey | None) -> Found:
        if ref is not None and not ref.storable:
            raise Refusal(Code.ORDER_NOT_FOUND)
        found = await self._store.load(caller.tenant_id, ref, key)
        if found is None or not found.active:
            raise Refusal(Code.TENANT_INACTIVE)
        if found.replay is not None and key is not None:
            kept_from = self._clock.now() - _REPLAYS_KEPT
            if found.replay.created_at < kept_from:
                await self._store.forget_replay(caller.tenant_id, key, kept_from)
                return replace(found, replay=None)
        return found

    async def _commit(self, found: Found, change: Change, key: ReplayKey | None, once: Once | None, text: str) -> bool:
        """False if somebody else wrote first; then nothing was written."""
        try:
            with tracing.span("commit"):
                commit = Commit(
                    change=change,
                    event_id=self._clock.new_id(change.ledger.order.updated_at),
                    subscribed=found.subscribed,
                    trace=tracing.current() if found.subscribed or change.tasks else "",
                    replay_key=key,
                    fingerprint=once.fingerprint if once else "",
                    reply=text,
                )
                await self._store.commit(commit)
        except Moved:
            self._on_conflict()
            return False
        self._signals.changed(change.ledger.order.tenant_id, change.ledger.order.id)
        return True

    async def _check_free(self, caller: Caller, change: Change) -> None:
        """Whether it was an id that another order has already. Raises DUPLICATE."""
        if change.keys or change.new:
            taken = await self._store.taken(caller.tenant_id, change)
            if taken is not None:
                raise Refusal(Code.DUPLICATE, field=taken.field, key=taken.key)

    async def _place(self, caller: Caller, found: Found, command: Command) -> Place | None:
        if not isinstance(command, commands.Dispatch) or found.policy.dispatch_to is None:
            return None
        location = await self._store.location(caller.tenant_id, found.policy.dispatch_to)
        return Place(location.id, location.connector) if location is not None else None


def _order_of(found: Found) -> Order:
    if found.order is None:
        raise Refusal(Code.ORDER_NOT_FOUND)
    return found.order


def _replay_key(caller: Caller, once: Once | None) -> ReplayKey | None:
    return ReplayKey(caller.credential_id, once.key) if once else None


def _replayed(found: Found, replay: Replay, once: Once, render: Render) -> _Acted:
    if replay.fingerprint != once.fingerprint:
        raise Refusal(Code.KEY_REUSED)
    if replay.case_id is not None and found.order is not None:
        ledger = Ledger(found.order)
        done = Done(ledger, ledger.cases[replay.case_id])
        return _Acted(Reply(render(done), replayed=True), done, found.policy)
    return _Acted(Reply(replay.reply, replayed=True), None, found.policy)
