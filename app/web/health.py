"""For operators: alive, ready, metrics. No prefix, no key."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.refusal import Refusal
from app.web import metrics


def routes(ready: Callable[[], Awaitable[None]]) -> list[Route]:
    async def is_live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def is_ready(_: Request) -> Response:
        try:
            await ready()
        except Refusal as refusal:
            return JSONResponse({"status": "not ready", "cause": refusal.code.value}, 503)
        return JSONResponse({"status": "ready"})

    async def numbers(_: Request) -> Response:
        return Response(metrics.text(), media_type=metrics.MEDIA_TYPE)

    return [
        Route("/health/live", is_live),
        Route("/health/ready", is_ready),
        Route("/metrics", numbers),
    ]
