"""A dialect is one folder with one `DIALECT` record; the folder is the registration."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from starlette.types import ASGIApp

from app.core.ledger import Ledger
from app.core.model import Order
from app.service import rates
from app.service.access import Access
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
from app.service.rates import Rates
from app.service.stock import Stock
from app.service.tasks import Tasks
from app.service.vault import Vault
from app.service.webhooks import Webhooks
from app.web import graphql_limits
from app.web.graphql_limits import Limits
from app.web.intents import Intent

_DIALECTS = "app.dialects"


@dataclass(frozen=True, slots=True)
class Services:
    """All that a face may ask for. None of it knows a wire format."""

    desk: Desk
    access: Access
    office: Office
    stock: Stock
    importer: Importer
    webhooks: Webhooks
    deliveries: Deliveries
    tasks: Tasks
    live: Live
    vault: Vault
    fulfilment: Fulfilment
    mailing: Mailing
    mail_office: MailOffice
    clock: Clock
    public_url: str = ""
    """Where this server is reached from outside; empty if it does not know."""
    body_limit: int = 1 << 20
    graphql: Limits = graphql_limits.DEFAULT
    rates: Rates = rates.OFF
    heartbeat: float = 15.0
    stream_life: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request to show to people; `{key}` in a header stands for the caller's key."""

    about: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`sample` is this dialect's call that cancels one unit, or all, of an order, or begins to.

    `calls` says what somebody means to do in this dialect's own requests; none where it has no words for it.
    `auth` is the header that a key belongs in, `{key}` where it stands. `contract` gives the committed contract files
    by path (`openapi/….json`, `openapi/….graphql`, `schema.graphql`).
    """

    name: str
    prefixes: tuple[str, ...]
    build: Callable[[Services], ASGIApp]
    contract: Callable[[], Mapping[str, str]]
    sample: Callable[[Order], Sample] | None = None
    calls: Callable[[Ledger, Intent], Sequence[Sample]] | None = None
    hooks: Hooks | None = None
    auth: Mapping[str, str] = field(default_factory=lambda: {"Authorization": "Bearer {key}"}, hash=False)


@cache
def discover() -> tuple[Dialect, ...]:
    """Every folder of `app.dialects`, by name. One that fails to import, or has no record, stops the start."""
    found = []
    # By name: the floors let no line of `web` know a dialect.
    for module in pkgutil.iter_modules(importlib.import_module(_DIALECTS).__path__):
        record = importlib.import_module(f"{_DIALECTS}.{module.name}").DIALECT
        if not isinstance(record, Dialect):
            raise TypeError(f"{_DIALECTS}.{module.name}.DIALECT is not a Dialect")
        found.append(record)
    return tuple(sorted(found, key=lambda dialect: dialect.name))
