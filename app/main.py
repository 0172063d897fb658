"""The composition root: settings to store, services, mounted dialects, one ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from app import console, garbage, logs, observing, sheet
from app.beside import beside
from app.core.ports import Store
from app.mail.render import TemplateRenderer
from app.outbox import Keep, Purging, Sender, Worker, make_worker
from app.outbox import Limits as WorkLimits
from app.posting import lease_of, postman_of, sender_of
from app.service.access import Access, Keys
from app.service.answers import Answers
from app.service.clock import Clock
from app.service.deliveries import Deliveries
from app.service.desk import Desk
from app.service.fulfilment import Fulfilment
from app.service.hooks import Hooks
from app.service.importing import Importer
from app.service.live import Live
from app.service.mail_office import MailOffice
from app.service.mailing import Mailing
from app.service.office import Office
from app.service.rates import Rates, read_rate
from app.service.signals import Signals
from app.service.stock import Stock
from app.service.tasks import Tasks
from app.service.vault import Vault
from app.service.webhooks import Webhooks
from app.settings import Settings, load
from app.store import open_store
from app.store.codec import decode_order
from app.vaults import vault_of
from app.warehouse.client import Client
from app.warehouse.connecting import connectors
from app.web import health, metrics, pages, site
from app.web.dialect import Services, discover
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql_limits import Limits
from app.web.graphql_request import wants_page
from app.web.middleware import Requests
from app.web.prefix import Prefixes


def services_of(
    store: Store, settings: Settings, *, clock: Clock, vault: Vault, signals: Signals, client: Client
) -> Services:
    access = Access(store, clock, settings.auth_cache)
    live = Live(store, signals, clock, metrics.METER, settings.auth_cache)
    answers, private = Answers(metrics.METER), settings.webhook_allow_private
    desk = Desk(
        store, clock, metrics.CONFLICTS.inc, signals=signals, sync_wait=settings.sync_wait, on_answer=answers
    )  # fmt: skip
    webhooks = Webhooks(desk, store, store, hooks(), vault=vault, clock=clock, allow_private=private)

    def forget(credential_id: str) -> None:
        access.forget(credential_id)
        live.forget(credential_id)

    keys = Keys(store, clock, forget, vault)
    known, renderer, post = connectors(client, settings.public_url), TemplateRenderer(), postman_of(settings)
    return Services(
        desk=desk,
        access=access,
        office=Office(desk, store, keys, clock, vault=vault, allow_private=private),
        stock=Stock(desk, store, clock),
        importer=Importer(store, clock, signals),
        webhooks=webhooks,
        deliveries=Deliveries(desk, store, webhooks, signals, clock),
        tasks=Tasks(desk, store, signals, clock),
        live=live,
        vault=vault,
        fulfilment=Fulfilment(desk, store, clock, vault=vault, connectors=known, meter=metrics.METER),
        mailing=Mailing(desk, store, renderer, post, clock, sender=sender_of(settings), meter=metrics.METER),
        mail_office=MailOffice(desk, store, renderer, clock),
        clock=clock,
        public_url=settings.public_url.rstrip("/"),
        heartbeat=settings.stream_heartbeat,
        stream_life=settings.stream_life,
        pages=settings.pages,
        body_limit=settings.body_limit,
        graphql=_graphql_limits(settings),
        rates=Rates(read_rate(settings.rate_limit), clock),
    )


def _graphql_limits(settings: Settings) -> Limits:
    return Limits(
        introspection=settings.graphql_introspection,
        depth=settings.graphql_depth,
        root_fields=settings.graphql_root_fields,
        aliases=settings.graphql_aliases,
        tokens=settings.graphql_tokens,
    )


def _keep(settings: Settings) -> Keep:
    def days(kept: float) -> timedelta | None:
        return timedelta(days=kept) if kept else None

    return Keep(
        events=days(settings.keep_events),
        deliveries=days(settings.keep_deliveries),
        tasks_aside=days(settings.keep_tasks_aside),
        interval=settings.purge_interval,
    )


def hooks() -> Mapping[str, Hooks]:
    return {dialect.name: dialect.hooks for dialect in discover() if dialect.hooks is not None}


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock | None = None, *, worker: bool
) -> AsyncIterator[tuple[Store, Services]]:
    """The store, all that works on it and, if asked for, a worker; what is in hand at the end is finished first."""
    clock, signals, vault = clock or Clock(), Signals(), vault_of(settings)
    store = await open_store(
        settings.database_url,
        pool_size=settings.pool_size,
        timeout=settings.statement_timeout,
        standby=settings.standby_url,
        direct=settings.direct_url,
    )
    stop_recording = observing.start()
    client = Client(allow_private=settings.webhook_allow_private)
    try:
        await store.pass_on(signals)
        services = services_of(store, settings, clock=clock, vault=vault, signals=signals, client=client)
        if not worker:
            yield store, services
            return
        works = _worker(store, settings, services, signals)
        purging = Purging(store, clock, _keep(settings))

        def stop(tasks: Mapping[str, asyncio.Task[None]]) -> None:
            tasks["purging"].cancel()
            works.stop()

        async with beside({"outbox": works.run(), "purging": purging.run()}, stop):
            yield store, services
    finally:
        await client.close()
        await store.close()
        await asyncio.to_thread(stop_recording)


def _worker(store: Store, settings: Settings, services: Services, signals: Signals) -> Worker:
    return make_worker(
        store,
        Sender(timeout=settings.webhook_timeout, allow_private=settings.webhook_allow_private),
        hooks=hooks(),
        vault=services.vault,
        signals=signals,
        clock=services.clock,
        decode=decode_order,
        handlers={**services.fulfilment.handlers, **services.mailing.handlers},
        meter=metrics.METER,
        limits=WorkLimits(lease=lease_of(settings)),
    )


@asynccontextmanager
async def _console(
    settings: Settings, store: Store, services: Services, faces: dict[str, console.Face], prefixes: Prefixes
) -> AsyncIterator[None]:
    """Served, if it is to be, and its figures taken, until the end of the block."""
    if not settings.console:
        yield
        return
    figures = console.Figures(partial(_backlog, store, services.clock))
    made = console.build(services, faces, figures, _rows, shared_health=settings.console_shared_health)
    prefixes.mount((console.PREFIX,), made)
    looking = asyncio.create_task(figures.run(), name="figures")
    try:
        yield
    finally:
        looking.cancel()


def create_app(settings: Settings, clock: Clock | None = None) -> ASGIApp:
    """The application; its store is opened when the server starts and closed when it ends, after the last answer."""
    prefixes = Prefixes()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        async with running(settings, clock, worker=not settings.no_worker) as (store, services):
            faces = {}
            for dialect in discover():
                face = console.Face(dialect.build(services), dialect.auth)
                prefixes.mount(dialect.prefixes, face.app)
                faces.update(dict.fromkeys(dialect.prefixes, face))
            app.router.routes.extend(health_routes(store, services))
            app.router.routes.extend([*pages.routes(), *site.routes()] if settings.pages else ())
            async with _console(settings, store, services, faces, prefixes):
                yield {"end_streams": services.live.end}

    prefixes.rest = Starlette(lifespan=lifespan, exception_handlers={404: _no_such_page(settings), 405: _not_so})
    return Requests(prefixes)


def from_environment() -> ASGIApp:
    """What each web process of the server builds for itself."""
    settings = load()
    logs.configure(settings.log_format, settings.log_level)
    app = create_app(settings)
    discover()
    garbage.look_less()
    return app


def health_routes(store: Store, services: Services) -> list[Route]:
    return health.routes(store.ready, partial(_backlog, store, services.clock))


async def _backlog(store: Store, clock: Clock) -> tuple[int, float]:
    return await store.backlog(clock.now())


def _rows(raw: bytes, longest: int) -> list[tuple[sheet.Rows, bytes | Fault]]:
    try:
        return list(sheet.orders(BytesIO(raw), longest))
    except sheet.BadSheet as bad:
        raise Fault(FaultCode.INVALID, Detail("file", str(bad))) from bad


def _is_opened(request: Request) -> bool:
    reading = request.method in {"GET", "HEAD"}
    return reading and request.scope["path"] == "/" and wants_page(dict(request.scope["headers"]))


def _no_such_page(settings: Settings) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Says what there is; a browser that names nothing is sent to the first of the pages."""
    pages = [page for page, there in ((console.PREFIX, settings.console), ("/docs", settings.pages)) if there]
    varies = {"Vary": "Accept"}

    async def answer(request: Request, _: Exception) -> Response:
        if pages and _is_opened(request):
            return RedirectResponse(pages[0][1:], headers=varies)
        prefixes = [prefix for dialect in discover() for prefix in dialect.prefixes]
        told = {"error": "no dialect is served here", "prefixes": prefixes, "pages": pages}
        return JSONResponse(told, 404, headers=varies)

    return answer


async def _not_so(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": "only reading here"}, 405, getattr(error, "headers", None))
