"""Changes of configuration, exactly once: the reply is made before anything is written, and kept for a retry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.core.ports import Kept, Moved, ReplayKey
from app.core.refusal import Code, Refusal
from app.service.access import Caller
from app.service.clock import Clock
from app.service.desk import Desk, Once, Reply

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A change ready to be written: what to answer, what of it to keep for a retry, and how to write both."""

    text: str
    kept: str
    save: Callable[[Kept | None], Awaitable[None]]


class Writer:
    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def write(self, caller: Caller, once: Once | None, draft: Callable[[], Awaitable[Draft]]) -> Reply:
        """`draft` is called again when somebody else wrote first. Raises its refusals, KEY_REUSED, BUSY."""
        for _ in range(_TRIES):
            stored = await self._desk.recall(caller, once)
            if stored is not None:
                return stored
            made = await draft()
            try:
                await made.save(self._kept(caller, once, made.kept))
            except Moved:
                continue
            return Reply(made.text)
        raise Refusal(Code.BUSY)

    def _kept(self, caller: Caller, once: Once | None, text: str) -> Kept | None:
        if once is None:
            return None
        key = ReplayKey(caller.credential_id, once.key)
        return Kept(key=key, fingerprint=once.fingerprint, reply=text, at=self._clock.now())
