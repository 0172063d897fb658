"""Settings from the environment, prefix `DRAGOMAN_`, as one frozen object; docs/settings.md lists them all."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from app.mail.server import BadUrl, read_url
from app.service.rates import BadRate, read_rate
from app.service.senders import BadSender, sender
from app.service.vault import BadKey, read_keys

PREFIX = "DRAGOMAN_"


class SettingError(Exception):
    """A setting has a value that it cannot have; the text names both."""


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Times are in seconds."""

    database_url: str = _setting(
        "sqlite:///./dragoman.db", "`sqlite:///PATH` or `postgresql://…`; SQLite migrates itself at start"
    )
    standby_url: str = _setting(
        "", "a PostgreSQL that follows the first one: lists and the history of orders are read there; it may be behind"
    )
    direct_url: str = _setting(
        "",
        "PostgreSQL itself, where `DRAGOMAN_DATABASE_URL` leads to a pooler in transaction mode such as PgBouncer: "
        "for hints between processes and for `dragoman migrate`",
    )
    host: str = _setting("127.0.0.1", "address that `dragoman serve` listens on")
    port: int = _setting(8000, "port that `dragoman serve` listens on; 0 takes a free one")
    workers: int = _setting(1, "web processes")
    log_format: str = _setting("json", "`json`, one object a line, or `text`")
    log_level: str = _setting(
        "info", "`debug`, `info` (requests), `warning` or `error`; only `debug` shows the texts of unexpected errors"
    )
    pool_size: int = _setting(12, "PostgreSQL connections per web process")
    statement_timeout: float = _setting(
        10.0,
        "longest wait for a statement, a free connection or a SQLite lock; a quarter of it for a lock in PostgreSQL",
    )
    auth_cache: float = _setting(30.0, "how long a valid key is remembered; a revocation elsewhere holds after that")
    body_limit: int = _setting(1 << 20, "largest request body, and largest line of an import stream, in bytes")
    rate_limit: str = _setting(
        "",
        "how often one credential may ask, such as `20/s` or `20/s, burst 40` (also `/min`), counted by each web "
        "process for itself; without it, without limit",
    )
    shutdown_timeout: float = _setting(30.0, "how long requests in flight may take to finish at shutdown")
    public_url: str = _setting(
        "", "where partners reach this server, such as `https://orders.example.com`: for callbacks and links"
    )
    sync_wait: float = _setting(
        2.0, "how long a cancellation waits for warehouses to answer, where the tenant's policy says nothing else"
    )
    secret_key: str = field(
        default="",
        repr=False,
        metadata={
            "about": "seals stored secrets, from `dragoman secret`; several, the newest first, with commas between. "
            "PostgreSQL needs it; beside SQLite's file one is made, `PATH.key`"
        },
    )
    no_worker: bool = _setting(False, "whether web processes leave webhooks, warehouses and mail to `dragoman worker`")
    metrics_port: int = _setting(
        0, "port that `dragoman worker` answers `/metrics` and `/health` on, at `DRAGOMAN_HOST`; 0: none"
    )
    task_lease: float = _setting(
        60.0,
        "how long a worker keeps a task to itself: what one that was killed held waits for that time; at least three "
        "times the webhook time-out, and the mail server's",
    )
    keep_events: float = _setting(
        0.0, "days that the history of orders is kept, after which it can be neither read nor replayed; 0: for ever"
    )
    keep_deliveries: float = _setting(30.0, "days that the log of webhooks is kept; 0: for ever")
    keep_tasks_aside: float = _setting(
        90.0, "days that a task is kept which was set aside after its last try; 0: for ever"
    )
    purge_interval: float = _setting(
        3600.0, "how long a worker waits before it looks again for what was kept long enough; 0: it never looks"
    )
    webhook_timeout: float = _setting(10.0, "how long a receiver of webhooks may take for all of its answer")
    webhook_allow_private: bool = _setting(
        False,
        "whether webhooks and warehouses may be at plain http, and at private or loopback addresses, as in development",
    )
    smtp_url: str = field(
        default="",
        repr=False,
        metadata={
            "about": "the server that takes mail to customers: `smtp://USER:PASSWORD@HOST:587`, with "
            "`?starttls=required` (as it is without), `optional` or `off`, or `smtps://…`; see [mail.md](mail.md)"
        },
    )
    smtp_timeout: float = _setting(20.0, "how long the mail server may take for all of one mail")
    mail_from: str = _setting(
        "", "who mail is from where the tenant's policy does not say it: `Name <address>`, or an address alone"
    )
    mail_folder: str = _setting(
        "",
        "without a mail server, the Maildir that mail is written to; as it is `PATH.mail` beside SQLite's file, else "
        "`./dragoman.mail`",
    )
    stream_heartbeat: float = _setting(15.0, "how long a live stream is silent before a comment shows it is alive")
    stream_life: float = _setting(
        0.0, "how long a live stream may last before its client has to come back; 0: for ever"
    )
    pages: bool = _setting(
        True, "whether browsers get pages: this documentation at `/docs`, and one to try each dialect in"
    )
    console: bool = _setting(True, "whether the [console](console.md), a web page, is served at `/console`")
    console_shared_health: bool = _setting(
        False,
        "whether the console shows the figures of the whole server to keys with `admin` also where it has several "
        "tenants",
    )
    graphql_introspection: bool = _setting(
        True, "whether GraphQL clients may read the schema; without it they get no page to try documents in either"
    )
    graphql_depth: int = _setting(12, "levels that a GraphQL operation may have")
    graphql_root_fields: int = _setting(10, "fields that a GraphQL operation may have at its root")
    graphql_aliases: int = _setting(30, "aliases that a GraphQL operation may have")
    graphql_tokens: int = _setting(2_000, "tokens that a GraphQL document may have")


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingError for a value that cannot be read."""
    values: dict[str, Any] = {}
    for known in fields(Settings):
        text = environment.get(PREFIX + known.name.upper())
        if text is not None:
            values[known.name] = _read(known.name, text, type(known.default))
    return _checked(Settings(**values))


def _read(name: str, text: str, kind: type) -> Any:
    try:
        return _truth(text) if kind is bool else kind(text)
    except ValueError as error:
        raise SettingError(f"{PREFIX}{name.upper()}={text!r} is not {_KINDS[kind]}") from error


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError
    return text.lower() == "true"


_KINDS: Mapping[type, str] = {int: "a whole number", float: "a number", bool: "true or false"}
_MOST_PORT = 65_535
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "port": (0, _MOST_PORT),
    "metrics_port": (0, _MOST_PORT),
    "workers": (1, 1_000),
    "pool_size": (1, 10_000),
    "statement_timeout": (0.001, 86_400),
    "auth_cache": (0, 86_400),
    "body_limit": (1, 1 << 30),
    "shutdown_timeout": (0, 86_400),
    "sync_wait": (0, 60),
    "task_lease": (1, 86_400),
    "keep_events": (0, 36_500),
    "keep_deliveries": (0, 36_500),
    "keep_tasks_aside": (0, 36_500),
    "purge_interval": (0, 31_536_000),
    "webhook_timeout": (0.01, 600),
    "smtp_timeout": (0.01, 600),
    "stream_heartbeat": (0.01, 3_600),
    "stream_life": (0, 31_536_000),
    "graphql_depth": (1, 200),
    "graphql_root_fields": (1, 1_000),
    "graphql_aliases": (0, 10_000),
    "graphql_tokens": (1, 100_000),
}


def _checked(settings: Settings) -> Settings:
    if settings.log_format not in {"json", "text"}:
        raise SettingError(f"{PREFIX}LOG_FORMAT={settings.log_format!r} is neither json nor text")
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise SettingError(f"{PREFIX}LOG_LEVEL={settings.log_level!r} is not debug, info, warning or error")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise SettingError(f"{PREFIX}PUBLIC_URL={settings.public_url!r} is no http or https URL")
    _check_rate(settings.rate_limit)
    _check_secret_key(settings.secret_key)
    _check_mail(settings)
    for name, (least, most) in _BOUNDS.items():
        value = getattr(settings, name)
        if math.isnan(value) or not least <= value <= most:
            raise SettingError(f"{PREFIX}{name.upper()}={value} is not from {least} to {most}")
    for name in ("standby_url", "direct_url"):
        if getattr(settings, name) and not getattr(settings, name).startswith(("postgresql://", "postgres://")):
            raise SettingError(f"{PREFIX}{name.upper()} is not postgresql://…")
    return replace(settings, database_url=_checked_url(settings.database_url))


def _check_rate(text: str) -> None:
    try:
        read_rate(text)
    except BadRate as bad:
        raise SettingError(f"{PREFIX}RATE_LIMIT={text!r} {bad}") from None


def _check_secret_key(text: str) -> None:
    """No message shows it."""
    try:
        read_keys(text)
    except BadKey as bad:
        raise SettingError(f"{PREFIX}SECRET_KEY cannot be used: {bad}; `dragoman secret` makes one") from None


def _check_mail(settings: Settings) -> None:
    """No message shows the URL, which may hold a password."""
    try:
        if settings.smtp_url:
            read_url(settings.smtp_url)
    except BadUrl as bad:
        raise SettingError(f"{PREFIX}SMTP_URL {bad}") from None
    if settings.smtp_url and not settings.mail_from:
        raise SettingError(f"{PREFIX}SMTP_URL needs {PREFIX}MAIL_FROM: who mail is from")
    try:
        if settings.mail_from:
            sender(settings.mail_from)
    except BadSender as bad:
        raise SettingError(f"{PREFIX}MAIL_FROM={settings.mail_from!r} {bad}") from None


def _checked_url(url: str) -> str:
    """In the one spelling that everybody below reads. It may hold a password, so no message shows it."""
    name = f"{PREFIX}DATABASE_URL"
    if url.startswith("sqlite:///"):
        if not url.removeprefix("sqlite:///"):
            raise SettingError(f"{name} names no file: sqlite:///PATH")
        return url
    if not url.startswith(("postgresql://", "postgres://")):
        raise SettingError(f"{name} is neither sqlite:///PATH nor postgresql://…")
    return "postgresql://" + url.partition("://")[2]
