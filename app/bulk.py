"""`dragoman import`: a file of orders into the store, with a progress bar, rejected rows told one by one."""

import asyncio
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.core.messages import CreateOrder
from app.core.model import Party
from app.core.ports import Store
from app.core.refusal import Refusal
from app.dialects.native import bodies, errors, mapping
from app.service.access import Caller
from app.service.clock import Clock
from app.service.importing import BATCH, Importer, recognisable
from app.web import decode
from app.web.faults import Detail, Fault, FaultCode, Problem

_SELF = Caller("", "command-line", Party.ADMIN, frozenset(), None, None)


@dataclass(slots=True)
class Totals:
    created: int = 0
    existing: int = 0
    rejected: int = 0


async def import_file(store: Store, tenant_id: str, file: Path, *, longest: int) -> Totals:
    """`-` is standard input. While the database takes one batch the next is read, so neither waits for the other."""
    console = Console(stderr=True)
    importer, caller = Importer(store, Clock()), replace(_SELF, tenant_id=tenant_id)
    totals = Totals()
    seen: Counter[bytes] = Counter()
    with _opened(file) as stream, _progress(console, file) as advance:
        writing: asyncio.Task[int] | None = None
        for batch in _batches(stream, longest):
            rows = [(number, _read(line, seen)) for number, line in batch]
            if writing is not None:
                advance(await writing)
            size = sum(len(line) for _, line in batch if isinstance(line, bytes))
            writing = asyncio.create_task(_write(importer, caller, rows, totals, console, size))
            await asyncio.sleep(0)  # lets the batch go out before the next one is read
        if writing is not None:
            advance(await writing)
    return totals


def _batches(stream: BinaryIO, longest: int) -> Iterator[list[tuple[int, bytes | Fault]]]:
    batch: list[tuple[int, bytes | Fault]] = []
    for number, line in _lines(stream, longest):
        batch.append((number, line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(stream: BinaryIO, longest: int) -> Iterator[tuple[int, bytes | Fault]]:
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            while (rest := stream.readline(longest)) and not rest.endswith(b"\n"):
                pass
            yield number, Fault(FaultCode.TOO_LARGE, Detail("line", f"is longer than {longest} bytes"))
        elif line.strip():
            yield number, line


def _read(line: bytes | Fault, seen: Counter[bytes]) -> CreateOrder | Problem:
    """A row with neither key nor number is told from its like by its text and how often that came before."""
    if isinstance(line, Fault):
        return line
    try:
        command = mapping.to_create(decode.parse_body(line, bodies.OrderIn))
    except (Refusal, Fault) as problem:
        return problem
    if command.number is None and not command.keys:
        digest = hashlib.sha256(line.strip()).digest()
        seen[digest] += 1
        return recognisable(command, f"{digest.hex()} {seen[digest]}")
    return command


async def _write(
    importer: Importer,
    caller: Caller,
    rows: list[tuple[int, CreateOrder | Problem]],
    totals: Totals,
    console: Console,
    size: int,
) -> int:
    commands = [row for _, row in rows if isinstance(row, CreateOrder)]
    results = iter(await importer.add(caller, mapping.NAME, commands))
    for number, row in rows:
        problem: Problem | None
        if isinstance(row, CreateOrder):
            done = next(results)
            problem = done.refusal
            totals.created += done.created
            totals.existing += not done.created and problem is None
        else:
            problem = row
        if problem is not None:
            totals.rejected += 1
            console.print(f"line {number}: {_words(problem)}", highlight=False, markup=False, soft_wrap=True)
    return size


def _words(problem: Problem) -> str:
    body = errors.body(problem)
    details = "; ".join(f"{item['field']}: {item['message']}" for item in body.get("errors", []))
    return f"{body['code']}: {details or body['detail']}"


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if str(file) == "-":
        yield sys.stdin.buffer
        return
    with file.open("rb") as stream:
        yield stream


@contextmanager
def _progress(console: Console, file: Path) -> Iterator[Callable[[int], None]]:
    total = None if str(file) == "-" else file.stat().st_size
    columns = (TextColumn("importing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("importing", total=total)
        yield lambda size: progress.advance(task, size)
