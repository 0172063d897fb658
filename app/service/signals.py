"""Says that something was written, to whoever waits for it: the worker, the live stream, a waiting request.

A hint and never the truth: it may come twice, late, or not at all, so everybody who waits also looks from time to
time. An engine that serves several processes passes the hints on between them.
"""

from collections.abc import Callable

Hear = Callable[[str, str], None]
"""Called with a tenant id and an order id (empty: several, or none in particular). Must be quick and must not raise."""


class Signals:
    def __init__(self) -> None:
        self._here: list[Hear] = []
        self._elsewhere: list[Hear] = []

    def changed(self, tenant_id: str, order_id: str = "") -> None:
        """Something of this tenant was committed by this process."""
        for hear in (*self._here, *self._elsewhere):
            hear(tenant_id, order_id)

    def heard(self, tenant_id: str, order_id: str = "") -> None:
        """The same, committed by another process; an empty tenant id: by anybody's."""
        for hear in tuple(self._here):
            hear(tenant_id, order_id)

    def listen(self, hear: Hear) -> Callable[[], None]:
        """Hear of every change; the answer ends it."""
        self._here.append(hear)
        return lambda: self._here.remove(hear)

    def relay(self, hear: Hear) -> Callable[[], None]:
        """Hear of this process's own changes, to pass them on to others; the answer ends it."""
        self._elsewhere.append(hear)
        return lambda: self._elsewhere.remove(hear)
