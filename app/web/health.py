"""For operators: alive, ready, metrics. No prefix, no key."""

from collections.abc import Awaitable, Callable
from math import nan

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.refusal import Refusal
from app.web import metrics


def routes(ready: Callable[[], Awaitable[None]], backlog: Callable[[], Awaitable[tuple[int, float]]]) -> list[Route]:
    """`backlog` is how many tasks are due, and for how many seconds the oldest has been."""

    async def is_live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def is_ready(_: Request) -> Response:
        try:
            await ready()
        except Refusal as refusal:
            return JSONResponse({"status": "not ready", "cause": refusal.code.value}, 503)
        return JSONResponse({"status": "ready"})

    async def numbers(_: Request) -> Response:
        try:
            metrics.waiting(*await backlog())
        except Refusal:
            metrics.waiting(nan, nan)  # nobody knows: an old number would look like a good one
        return Response(metrics.text(), media_type=metrics.MEDIA_TYPE)

    return [
        Route("/health/live", is_live),
        Route("/health/ready", is_ready),
        Route("/metrics", numbers),
    ]
