"""Settings from the environment, prefix `DRAGOMAN_`, as one frozen object; docs/settings.md lists them all."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

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
    host: str = _setting("127.0.0.1", "address that `dragoman serve` listens on")
    port: int = _setting(8000, "port that `dragoman serve` listens on; 0 takes a free one")
    workers: int = _setting(1, "web processes")
    log_format: str = _setting("json", "`json`, one object a line, or `text`")
    log_level: str = _setting(
        "info", "`debug`, `info` (requests), `warning` or `error`; only `debug` shows the texts of unexpected errors"
    )
    pool_size: int = _setting(12, "PostgreSQL connections per web process")
    statement_timeout: float = _setting(10.0, "longest wait for a statement, a free connection or a SQLite lock")
    auth_cache: float = _setting(30.0, "how long a valid key is remembered; a revocation elsewhere holds after that")
    body_limit: int = _setting(1 << 20, "largest request body, and largest line of an import stream, in bytes")
    shutdown_timeout: float = _setting(30.0, "how long requests in flight may take to finish at shutdown")
    public_url: str = _setting(
        "", "where partners reach this server, such as `https://orders.example.com`: warehouses call back there"
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
    no_worker: bool = _setting(False, "whether web processes leave webhooks and warehouses to `dragoman worker`")
    task_lease: float = _setting(
        60.0,
        "how long a worker keeps a task to itself: what one that was killed held waits for that time; at least three "
        "times the webhook time-out",
    )
    webhook_timeout: float = _setting(10.0, "how long a receiver of webhooks may take for all of its answer")
    webhook_allow_private: bool = _setting(
        False,
        "whether webhooks and warehouses may be at plain http, and at private or loopback addresses, as in development",
    )
    stream_heartbeat: float = _setting(15.0, "how long a live stream is silent before a comment shows it is alive")
    stream_life: float = _setting(
        0.0, "how long a live stream may last before its client has to come back; 0: for ever"
    )
    graphql_introspection: bool = _setting(
        True, "whether GraphQL clients may read the schema, and browsers get a page to try documents in"
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
    "workers": (1, 1_000),
    "pool_size": (1, 10_000),
    "statement_timeout": (0.001, 86_400),
    "auth_cache": (0, 86_400),
    "body_limit": (1, 1 << 30),
    "shutdown_timeout": (0, 86_400),
    "sync_wait": (0, 60),
    "task_lease": (1, 86_400),
    "webhook_timeout": (0.01, 600),
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
    _check_secret_key(settings.secret_key)
    for name, (least, most) in _BOUNDS.items():
        value = getattr(settings, name)
        if math.isnan(value) or not least <= value <= most:
            raise SettingError(f"{PREFIX}{name.upper()}={value} is not from {least} to {most}")
    return replace(settings, database_url=_checked_url(settings.database_url))


def _check_secret_key(text: str) -> None:
    """No message shows it."""
    try:
        read_keys(text)
    except BadKey as bad:
        raise SettingError(f"{PREFIX}SECRET_KEY cannot be used: {bad}; `dragoman secret` makes one") from None


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
