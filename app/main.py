"""The composition root: settings to store, services, mounted dialects, one ASGI application."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from app import logs
from app.core.ports import Store
from app.service.access import Access, Keys
from app.service.clock import Clock
from app.service.desk import Desk
from app.service.importing import Importer
from app.service.office import Office
from app.settings import Settings, load
from app.store import open_store
from app.web import health, metrics
from app.web.dialect import Services, discover
from app.web.middleware import Requests
from app.web.prefix import Prefixes

_YOUNG = 10_000
"""Objects between two looks of the garbage collector: a request makes hundreds, and frees them itself."""


def services_of(store: Store, settings: Settings, clock: Clock | None = None) -> Services:
    clock = clock or Clock()
    access = Access(store, clock, settings.auth_cache)
    desk = Desk(store, clock, metrics.CONFLICTS.inc)
    return Services(
        desk=desk,
        access=access,
        office=Office(desk, store, Keys(store, clock, access.forget), clock),
        importer=Importer(store, clock),
        body_limit=settings.body_limit,
    )


def create_app(settings: Settings, clock: Clock | None = None) -> ASGIApp:
    """The application; its store is opened when the server starts and closed when it ends, after the last answer."""
    prefixes = Prefixes()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        store = await open_store(
            settings.database_url, pool_size=settings.pool_size, timeout=settings.statement_timeout
        )
        services = services_of(store, settings, clock)
        for dialect in discover():
            prefixes.mount(dialect.prefixes, dialect.build(services))
        app.router.routes.extend(health.routes(store.ready))
        try:
            yield
        finally:
            await store.close()

    prefixes.rest = Starlette(lifespan=lifespan, exception_handlers={404: _no_such_page, 405: _not_so})
    return Requests(prefixes)


def from_environment() -> ASGIApp:
    """What each web process of the server builds for itself."""
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
    app = create_app(settings)
    # What is there now stays: the collector need not look at it again for as long as we serve.
    discover()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)
    return app


async def _no_such_page(_: Request, __: Exception) -> Response:
    return JSONResponse({"error": "no dialect is served here"}, 404)


async def _not_so(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "only reading here"}, 405, getattr(error, "headers", None))
