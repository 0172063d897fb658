"""Tasks that others know how to do: done, tried again with a growing wait, or set aside for somebody to look at."""

import asyncio
import json
import logging
from datetime import datetime, timedelta

from app.core.outbox import Job, Settled
from app.outbox.limits import Limits
from app.service import tracing
from app.service.chance import CHANCE
from app.service.work import Failed, Handler, Hopeless, Later

log = logging.getLogger("dragoman.outbox")

NEVER_ENDED = "no try of it came to an end"


async def handle(job: Job, handler: Handler, limits: Limits, now: datetime) -> Settled:
    """`now` is when it began. Never raises, except when it is cancelled."""
    if job.attempts >= limits.tries:
        return Settled(job=job, tried=False, aside_at=now, error=NEVER_ENDED)
    try:
        trace = tracing.read(json.loads(job.payload).get(tracing.KEY))
        with tracing.Carried(trace), tracing.span(job.kind, tracing.Kind.CONSUMER, attempts=job.attempts):
            async with asyncio.timeout(limits.lease / 2):
                await handler(job)
    except Later as later:
        if later.seconds is not None:
            return Settled(job=job, tried=False, again_at=now + timedelta(seconds=later.seconds), error=str(later))
        return Settled(job=job, again_at=now + wait(job.attempts, limits), error=str(later))
    except Hopeless as hopeless:
        return Settled(job=job, aside_at=now, error=str(hopeless))
    except Exception as error:
        # On a machine that is busy, or was stopped, being late is no fault of the handler's.
        slow = isinstance(error, TimeoutError)
        return failed(job, Failed(f"no end within {limits.lease / 2:g} seconds") if slow else error, limits, now)
    return Settled(job=job)


def failed(job: Job, error: Exception, limits: Limits, now: datetime) -> Settled:
    """What it says may be anybody's words, so only its kind is kept; the log has where it happened.

    The words of `Failed` are kept for the tenant whose partner it was, and are not logged either.
    """
    expected = isinstance(error, Failed)
    facts = {"task": job.id, "kind": job.kind, "error": type(error).__name__}
    if expected:
        log.warning("a task failed", extra={"facts": facts})
    else:
        log.error("a task failed", exc_info=error, extra={"facts": facts})
    why = str(error) if expected else type(error).__name__
    if job.attempts + 1 >= limits.tries:
        return Settled(job=job, aside_at=now, error=why)
    return Settled(job=job, again_at=now + wait(job.attempts, limits), error=why)


def wait(attempts: int, limits: Limits) -> timedelta:
    """Doubled each time, and never the same for two, so that what failed together does not come back together."""
    longest = min(limits.longest_wait, limits.first_wait * 2 ** min(attempts, 30))
    return timedelta(seconds=longest * CHANCE.uniform(0.5, 1.0))
