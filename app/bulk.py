"""`dragoman import`: a file of orders into the store, with a progress bar, rejected rows told one by one."""

import asyncio
import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app import garbage
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
_SLICE = 25  # lines

_Row = tuple[int, CreateOrder | Problem]


@dataclass(slots=True)
class Totals:
    created: int = 0
    existing: int = 0
    rejected: int = 0


async def import_file(store: Store, tenant_id: str, file: Path, *, longest: int) -> Totals:
    """`-` is standard input. While the database takes one batch the next is read, so neither waits for the other."""
    console = Console(stderr=True)
    target = _Target(Importer(store, Clock()), replace(_SELF, tenant_id=tenant_id), console)
    seen: Counter[bytes] = Counter()
    garbage.look_less()
    with _opened(file) as stream, _progress(console, stream) as reached:
        writing: asyncio.Task[None] | None = None
        for batch in _batches(stream, longest):
            rows: list[_Row] = []
            for start in range(0, len(batch), _SLICE):
                rows += [(number, _read(line, seen)) for number, line in batch[start : start + _SLICE]]
                await asyncio.sleep(0)  # what the database has answered meanwhile leads to its next statement
            if writing is not None:
                await writing
                reached()
            writing = asyncio.create_task(target.write(rows))
        if writing is not None:
            await writing
        reached()
    return target.totals


class _Target:
    """Where batches go, and what became of their rows."""

    def __init__(self, importer: Importer, caller: Caller, console: Console) -> None:
        self._importer = importer
        self._caller = caller
        self._console = console
        self.totals = Totals()

    async def write(self, rows: list[_Row]) -> None:
        commands = [row for _, row in rows if isinstance(row, CreateOrder)]
        results = iter(await self._importer.add(self._caller, mapping.NAME, commands))
        for number, row in rows:
            if isinstance(row, CreateOrder):
                done = next(results)
                self.totals.created += done.created
                self.totals.existing += not done.created and done.refusal is None
                self._tell(number, done.refusal)
            else:
                self._tell(number, row)

    def _tell(self, number: int, problem: Problem | None) -> None:
        if problem is not None:
            self.totals.rejected += 1
            text = f"line {number}: {_words(problem)}"
            self._console.print(text, highlight=False, markup=False, soft_wrap=True)


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
def _progress(console: Console, stream: BinaryIO) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing elsewhere. It moves to where `stream` is, if that has an end that is known."""
    size = os.fstat(stream.fileno()).st_size if stream.seekable() else 0
    columns = (TextColumn("importing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("importing", total=size or None)

        def reached() -> None:
            if size:
                progress.update(task, completed=stream.tell())

        yield reached
