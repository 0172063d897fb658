"""Which tenants may have work: named by signals, by what was just settled, and asked no more often than is useful."""

from app.outbox.limits import Limits

_MOST = 10_000


class Hints:
    """A tenant that keeps having nothing is asked less and less often: most commits leave nothing to do.

    Times are those of one monotonic clock, passed in.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._asked: dict[str, float] = {}
        self._gaps: dict[str, tuple[float, float]] = {}

    def add(self, tenant_id: str, now: float) -> float:
        """When it is to be asked."""
        last, gap = self._gaps.get(tenant_id, (now, 0.0))
        at = max(now, last + gap)
        self._asked[tenant_id] = at = min(at, self._asked.get(tenant_id, at))
        return at

    def ready(self, now: float) -> list[str]:
        """They are forgotten by this."""
        ready = [tenant_id for tenant_id, at in self._asked.items() if at <= now]
        for tenant_id in ready:
            del self._asked[tenant_id]
        return ready

    def next_at(self) -> float | None:
        return min(self._asked.values(), default=None)

    def claimed(self, tenant_id: str, now: float, *, found: bool) -> None:
        least, most = self._limits.gap, self._limits.longest_gap
        gap = least if found else min(max(self._gaps.get(tenant_id, (now, 0.0))[1] * 2, least), most)
        if len(self._gaps) >= _MOST:
            self._gaps.clear()
        self._gaps[tenant_id] = (now, gap)
