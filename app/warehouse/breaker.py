"""A circuit breaker for each location: whoever failed time and again is left alone for a while, then tried with one
question. A question that is held back costs nothing and does not count as a try.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from app.service.chance import CHANCE
from app.service.connectors import CallBack, Connector, Heard, Question, Unanswered, Word
from app.service.work import Later

FAILURES = 5
REST = 30.0
LONGEST_REST = 600.0
LONGEST = 25.0
"""Seconds for all the calls of one question: less than a worker gives to a task."""
_PROBING = 2.0
"""Seconds until it is looked again whether the one question went well."""

log = logging.getLogger("dragoman.warehouse")


class Breaker:
    """`now` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures = 0
        self._rests = 0
        self._until: float | None = None
        self._probing = False

    def enter(self) -> float:
        """Seconds to wait before asking; 0: ask, and tell how it went."""
        if self._until is None:
            return 0.0
        if (left := self._until - self._now()) > 0:
            return left
        if self._probing:
            return _PROBING
        self._probing = True
        return 0.0

    def passed(self) -> None:
        self._failures = self._rests = 0
        self._until, self._probing = None, False

    def failed(self) -> bool:
        """True if this opened it. After each probe that fails it rests twice as long."""
        self._failures += 1
        if not self._probing and (self._until is not None or self._failures < FAILURES):
            return False
        self._probing = False
        self._until = self._now() + min(REST * 2**self._rests, LONGEST_REST)
        self._rests = min(self._rests + 1, 10)
        return True

    def left(self) -> None:
        """It did not come to an answer or a failure: nothing is known."""
        self._probing = False


class Guarded:
    """A connector that asks a location only while its breaker allows it. Breakers are this process's own."""

    def __init__(
        self, connector: Connector, now: Callable[[], float] = time.monotonic, longest: float = LONGEST
    ) -> None:
        self._connector = connector
        self._now = now
        self._longest = longest
        self._breakers: dict[tuple[str, str], Breaker] = {}

    async def ask(self, question: Question) -> Sequence[Word]:
        key = (question.place.tenant_id, question.place.location_id)
        breaker = self._breakers.setdefault(key, Breaker(self._now))
        if wait := breaker.enter():
            # Spread out: a whole queue may be waiting.
            raise Later("the location failed too often and is left alone", wait + CHANCE.uniform(0, 1))
        try:
            words = await self._ask(question)
        except Unanswered as error:
            if error.alive:
                breaker.passed()
            elif breaker.failed():
                log.warning("location left alone", extra={"facts": {"tenant_id": key[0], "location_id": key[1]}})
            raise
        except Later:
            breaker.passed()
            raise
        except BaseException:
            breaker.left()
            raise
        breaker.passed()
        return words

    async def _ask(self, question: Question) -> Sequence[Word]:
        try:
            async with asyncio.timeout(self._longest):
                return await self._connector.ask(question)
        except TimeoutError as error:
            raise Unanswered(f"not done within {self._longest:g} seconds") from error

    async def hear(self, call: CallBack) -> Heard:
        return await self._connector.hear(call)
