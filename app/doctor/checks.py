"""What a check is, what it finds, and how all of them are run."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.ports import Store
from app.core.refusal import Refusal
from app.service.clock import Clock
from app.settings import Settings
from app.store import SchemaOutdated, Unusable, is_embedded, open_store, sqlite_exists

log = logging.getLogger("dragoman.doctor")
_PATIENCE = 60.0  # seconds for one check; each of its own calls has less


class Level(StrEnum):
    """A note is worth knowing, a problem is to be mended."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` says what to do about it."""

    level: Level
    text: str
    remedy: str = ""


def ok(text: str) -> Finding:
    return Finding(Level.OK, text)


def note(text: str, remedy: str = "") -> Finding:
    return Finding(Level.NOTE, text, remedy)


def problem(text: str, remedy: str) -> Finding:
    return Finding(Level.PROBLEM, text, remedy)


@dataclass(slots=True, kw_only=True)
class Patient:
    """What is examined. `refused` is why there is no store; without either there is no database yet."""

    settings: Settings
    environment: Mapping[str, str]
    clock: Clock = field(default_factory=Clock)
    opened: Store | None = None
    refused: Exception | None = None

    @property
    def store(self) -> Store:
        if self.opened is None:
            raise LookupError("the database was not opened")
        return self.opened


Check = Callable[[Patient], AsyncIterator[Finding] | Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Registered:
    name: str
    run: Check
    stored: bool


CHECKS: list[Registered] = []


def check(name: str, *, stored: bool = False) -> Callable[[Check], Check]:
    """Registers a check under the name that its findings are shown with. `stored`: it needs a database that opens."""

    def register(run: Check) -> Check:
        CHECKS.append(Registered(name, run, stored))
        return run

    return register


async def examine(patient: Patient) -> AsyncIterator[tuple[str, Finding]]:
    """All findings, each with the name of its check, as they come."""
    settings = patient.settings
    try:
        if not is_embedded(settings.database_url) or sqlite_exists(settings.database_url):
            patient.opened = await open_store(
                settings.database_url,
                pool_size=4,
                timeout=min(settings.statement_timeout, 5.0),
                direct=settings.direct_url,
            )
    except (Refusal, SchemaOutdated, Unusable, OSError) as why:
        patient.refused = why
    try:
        for each in CHECKS:
            if patient.opened is not None or not each.stored:
                async for finding in _findings(each, patient):
                    yield each.name, finding
    finally:
        if patient.opened is not None:
            await patient.opened.close()


async def _findings(each: Registered, patient: Patient) -> AsyncIterator[Finding]:
    """One that fails itself is a finding, too, and does not keep the others from being looked for."""
    try:
        async with asyncio.timeout(_PATIENCE):
            found = each.run(patient)
            if isinstance(found, Iterator):
                for finding in found:
                    yield finding
            else:
                async for finding in found:
                    yield finding
    except TimeoutError:
        yield problem(f"no result within {_PATIENCE:g} seconds", "run it again; see whether the machine is overloaded")
    except Exception as error:
        log.debug("a check failed", exc_info=True)
        yield problem(
            f"could not be looked at: {str(error) or type(error).__name__}", "see whether the database is well"
        )
