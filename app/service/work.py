"""What a worker does with a task, said without knowing how tasks are kept."""

from collections.abc import Awaitable, Callable

from app.core.outbox import Job

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
