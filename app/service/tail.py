"""The end of a tenant's feed of events: what is new there is read once, and the newest of it is remembered.

Ids sort by the time that an event was made, and it becomes visible with its commit, so sometimes a little after one
that is younger. So whoever looks waits a moment for those made at the same time, which then come in order; and looks
again over what it knows, for those that took longer.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

from app.core import ids
from app.core.ports import Store, StoredEvent
from app.service.clock import Clock

PAGE = 512
HOLD = 0.2
"""Seconds that an event is held back, so that others of its time come in order."""

_AGAIN = 256  # events that every look reads again
_REMEMBERED = 5_000  # at most; the rest is the store's to tell


class Item:
    """An event, shared by all who read it, with what each face made of it."""

    __slots__ = ("_shown", "event")

    def __init__(self, event: StoredEvent) -> None:
        self.event = event
        self._shown: dict[str, bytes] = {}

    def shown(self, face: str, render: Callable[[StoredEvent], bytes]) -> bytes:
        """As the face sends it; rendered once, however many read it."""
        text = self._shown.get(face)
        if text is None:
            text = self._shown[face] = render(self.event)
        return text


class Tail:
    """Looks must not overlap one another; the caller sees to that.

    Up to `floor` the store has everything in order and the tail nothing; past it the tail knows what was told.
    `young` are those that the last look found and held back.
    """

    def __init__(self, store: Store, clock: Clock, tenant_id: str) -> None:
        self._store = store
        self._clock = clock
        self._tenant_id = tenant_id
        self._items: dict[str, Item] = {}
        self.floor = ""
        self.young: frozenset[str] = frozenset()

    @property
    def started(self) -> bool:
        return bool(self.floor)

    async def start(self) -> None:
        """Whatever is there already is known, and not new. Raises Refusal."""
        floor = ids.first_of(self._clock.now() - self._store.lateness)
        self._items = {event.id: Item(event) for event in await self._read(floor)}
        self.floor = floor
        self._forget(floor)

    async def look(self, *, whole: bool = False) -> list[Item]:
        """What is new, in order; `whole` reads all again that is remembered. Raises Refusal, knowing as much as before.

        An id far ahead of this clock is another machine's; waiting would not bring it into order.
        """
        now = self._clock.now()
        first, last = (ids.first_of(now + by) for by in (-timedelta(seconds=HOLD), timedelta(seconds=HOLD)))
        fresh = [event for event in await self._read(self.floor if whole else self._recent()) if self._is_new(event)]
        self.young = frozenset(event.id for event in fresh if first < event.id < last)
        items = [Item(event) for event in fresh if event.id not in self.young]
        self._items.update((item.event.id, item) for item in items)
        self._forget(ids.first_of(now - self._store.lateness) if whole else self.floor)
        return items

    def since(self, after: str) -> list[Item]:
        """Of what was told, all past an id, in order."""
        return [item for id_, item in sorted(self._items.items()) if id_ > after]

    def _is_new(self, event: StoredEvent) -> bool:
        return event.id not in self._items

    async def _read(self, after: str) -> list[StoredEvent]:
        found: list[StoredEvent] = []
        while True:
            page = await self._store.events(self._tenant_id, after, PAGE)
            found += page
            if len(page) < PAGE:
                return found
            after = page[-1].id

    def _recent(self) -> str:
        """Where to look again from: a quiet tenant's whole memory, a busy one's last moments."""
        return next(islice(reversed(self._items), _AGAIN, None), self.floor)

    def _forget(self, floor: str) -> None:
        if len(self._items) > _REMEMBERED:
            floor = max(floor, sorted(self._items)[-_REMEMBERED - 1])
        if floor > self.floor:
            self.floor = floor
            self._items = {id_: item for id_, item in self._items.items() if id_ > floor}
