"""What a worker does with a task, said without knowing how tasks are kept."""

from collections.abc import Awaitable, Callable

from app.core.outbox import Job
from app.core.refusal import Code, Refusal

GONE = frozenset({Code.ORDER_NOT_FOUND, Code.CASE_NOT_FOUND, Code.LOCATION_NOT_FOUND})
_PASSING = frozenset({Code.BUSY, Code.UNAVAILABLE, Code.TIMED_OUT})
_INACTIVE = 3600.0
"""Seconds until an inactive tenant's task is looked at again."""

Handler = Callable[[Job], Awaitable[None]]
"""Does one job; it may be called twice for the same one (a worker died), so doing it again must change nothing.

Returning ends the job. `Later` tries again, `Hopeless` sets it aside; any other exception counts as a failed try, and
the text of `Failed` is kept for whoever looks after the queue.
"""


class Later(Exception):  # noqa: N818 - an answer of a handler, not an error
    """Try again after `seconds`, without a limit on tries; None leaves the wait to the worker's back-off."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Failed(Exception):  # noqa: N818 - as above
    """A try that failed at somebody else's, which is to be expected: no fault of this program."""


class Hopeless(Exception):  # noqa: N818 - as above
    """No further try could end better."""


def refused(no: Refusal) -> None:
    """Of a task: what is gone needs nothing more, what will pass does not count as a try."""
    if no.code in _PASSING:
        raise Later(f"the database: {no.code.value}") from no
    if no.code is Code.TENANT_INACTIVE:
        raise Later("the tenant is not active", _INACTIVE) from no
    if no.code not in GONE:
        raise no
