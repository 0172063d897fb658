"""How often one credential may ask: a token bucket for each, in the memory of this process alone."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.core.refusal import Code, Refusal
from app.service.clock import Clock

_FORM = re.compile(r"([0-9]{1,9})\s*/\s*(s|min)(?:\s*,\s*burst\s+([0-9]{1,9}))?")
_SECONDS = {"s": 1, "min": 60}
_MOST = 10_000
"""Buckets that are looked through for full ones, which are as good as none."""


class BadRate(ValueError):  # noqa: N818 - what is said of a text
    """The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`interval` is the seconds after which one more request is allowed, `burst` how many there may be at once."""

    interval: float
    burst: int

    @property
    def window(self) -> int:
        """Seconds until an empty bucket is full."""
        return math.ceil(self.interval * self.burst)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a credential has left. `full_in` in seconds, `full_at` in Unix seconds; `wait` in seconds, 0 if allowed."""

    rate: Rate
    remaining: int
    full_in: int
    full_at: int
    wait: int = 0

    def check(self) -> None:
        """Raises RATE_LIMITED."""
        if self.wait:
            raise Refusal(Code.RATE_LIMITED, seconds=self.wait)


SAMPLE = Allowance(Rate(0.05, 40), 12, 2, 1_900_000_000)


def read_rate(text: str) -> Rate | None:
    """`20/s`, `600/min`, `20/s, burst 40`; without a burst it is the number before the slash. Raises BadRate."""
    if not text.strip():
        return None
    found = _FORM.fullmatch(text.strip())
    if found is None or int(found[1]) == 0 or (found[3] is not None and int(found[3]) == 0):
        raise BadRate("is no rate such as `20/s`, `600/min` or `20/s, burst 40`")
    return Rate(_SECONDS[found[2]] / int(found[1]), int(found[3] or found[1]))


class Rates:
    """`timer` in seconds that never go back: the clock may, and nobody may be locked out for as long."""

    def __init__(self, rate: Rate | None, clock: Clock, timer: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._timer = timer
        self._full: dict[str, float] = {}
        """When a credential's bucket will be full; one number says all there is to know of it."""

    def take(self, credential_id: str) -> Allowance | None:
        """One request's worth, unless `wait` says otherwise. None where there is no limit."""
        rate = self._rate
        if rate is None:
            return None
        now = self._timer()
        missing = max(self._full.get(credential_id, 0.0) - now, 0.0)
        wait = missing - (rate.burst - 1) * rate.interval
        # A billionth of an interval is a matter of how numbers are rounded, and no reason to send anybody away.
        allowed = wait <= rate.interval * 1e-9
        if allowed:
            missing += rate.interval
            self._keep(credential_id, now + missing, now)
        remaining = max(0, math.floor(rate.burst - missing / rate.interval + 1e-9))
        full_in = math.ceil(missing)
        full_at = int(self._clock.now().timestamp()) + full_in
        return Allowance(rate, remaining, full_in, full_at, 0 if allowed else max(1, math.ceil(wait)))

    def _keep(self, credential_id: str, full: float, now: float) -> None:
        if credential_id not in self._full and len(self._full) >= _MOST:
            self._full = {held: at for held, at in self._full.items() if at > now}
        self._full[credential_id] = full


OFF = Rates(None, Clock())
