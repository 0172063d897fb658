"""`dragoman import`: a file of orders into the store, with a progress bar, rejected rows told one by one."""

import asyncio
import hashlib
import os
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app import garbage, sheet
from app.core.messages import CreateOrder
from app.core.ports import Store
from app.core.refusal import Refusal
from app.dialects.native import bodies, errors, mapping
from app.service.access import Caller
from app.service.clock import Clock
from app.service.importing import BATCH, Imported, Importer, recognisable
from app.web import decode
from app.web.faults import Detail, Fault, FaultCode, Problem

_SLICE = 25  # lines
_AT_ONCE = 2  # batches on their way to the database: while it takes one the next is decided


class Where(Protocol):
    """Where an order stands in its file."""

    def place(self, field_: str) -> tuple[str, str]:
        """Of a field of its body, the line or row, and what it is called there."""
        ...


@dataclass(frozen=True, slots=True)
class _Line:
    number: int

    def place(self, field_: str) -> tuple[str, str]:
        return f"line {self.number}", field_


_Found = tuple[Where, bytes | Fault]
_Row = tuple[Where, CreateOrder | Problem]


@dataclass(slots=True)
class Totals:
    created: int = 0
    existing: int = 0
    rejected: int = 0
    broken: str | None = None
    """Why nothing more could be read of the file."""


async def import_file(store: Store, caller: Caller, file: Path, *, as_sheet: bool, longest: int) -> Totals:
    """`-` is standard input. While the database takes some batches the next is read, so neither waits for the other."""
    console = Console(stderr=True)
    seen: Counter[bytes] = Counter()
    garbage.look_less()
    with _opened(file) as stream, _progress(console, stream) as reached:
        found = sheet.orders(stream, longest) if as_sheet else _lines(stream, longest)
        async with _Target(Importer(store, Clock()), caller, console, reached) as target:
            for batch in _batches(found, target.totals):
                await target.add(await _rows(batch, seen))
        return target.totals


async def _rows(batch: list[_Found], seen: Counter[bytes]) -> list[_Row]:
    rows: list[_Row] = []
    for start in range(0, len(batch), _SLICE):
        rows += [(where, _read(line, seen)) for where, line in batch[start : start + _SLICE]]
        await asyncio.sleep(0)  # what the database has answered meanwhile leads to its next statement
    return rows


class _Target:
    """Where batches go, and what became of their rows."""

    def __init__(self, importer: Importer, caller: Caller, console: Console, reached: Callable[[], None]) -> None:
        self._importer = importer
        self._caller = caller
        self._console = console
        self._reached = reached
        self._writing: deque[tuple[list[_Row], asyncio.Task[list[Imported]]]] = deque()
        self.totals = Totals()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while kind is None and self._writing:
                await self._told()
        finally:  # broken off, it is nobody's news any more what became of the last batches
            await asyncio.gather(*(task for _, task in self._writing), return_exceptions=True)

    async def add(self, rows: list[_Row]) -> None:
        """On its way; what became of it is told after what became of the batches before."""
        if len(self._writing) == _AT_ONCE:
            await self._told()
        commands = [row for _, row in rows if isinstance(row, CreateOrder)]
        before = self._writing[-1][1] if self._writing else None
        writing = self._importer.add(self._caller, mapping.NAME, commands, after=before)
        self._writing.append((rows, asyncio.create_task(writing)))

    async def _told(self) -> None:
        rows, task = self._writing[0]
        self._tell_all(rows, await task)
        self._writing.popleft()
        self._reached()

    def _tell_all(self, rows: list[_Row], results: list[Imported]) -> None:
        left = iter(results)
        for where, row in rows:
            if isinstance(row, CreateOrder):
                done = next(left)
                self.totals.created += done.created
                self.totals.existing += not done.created and done.refusal is None
                self._tell(where, done.refusal)
            else:
                self._tell(where, row)

    def _tell(self, where: Where, problem: Problem | None) -> None:
        if problem is not None:
            self.totals.rejected += 1
            for text in _told(where, problem):
                self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def _batches(found: Iterator[_Found], totals: Totals) -> Iterator[list[_Found]]:
    """What was read before a sheet broke off is taken all the same."""
    batch: list[_Found] = []
    try:
        for each in found:
            batch.append(each)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except sheet.BadSheet as bad:
        totals.broken = str(bad)
    if batch:
        yield batch


def _lines(stream: BinaryIO, longest: int) -> Iterator[_Found]:
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            while (rest := stream.readline(longest)) and not rest.endswith(b"\n"):
                pass
            yield _Line(number), Fault(FaultCode.TOO_LARGE, Detail("line", f"is longer than {longest} bytes"))
        elif line.strip():
            yield _Line(number), line


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


def _told(where: Where, problem: Problem) -> Iterator[str]:
    """A line of text for each line or row that has something wrong with it."""
    body = errors.body(problem)
    whole, _ = where.place("")
    said: dict[str, list[str]] = {}
    for item in body.get("errors", []):
        place, name = where.place(item["field"])
        said.setdefault(place, []).append(f"{name}: {item['message']}" if name else item["message"])
    if isinstance(problem, Refusal) and "field" in problem.facts:
        field_ = str(problem.facts["field"])
        place, name = where.place(field_)
        said[place] = [body["detail"].replace(f"{field_}: ", f"{name}: ", 1)]
    for place, texts in (said or {whole: [body["detail"]]}).items():
        yield f"{place}: {body['code']}: {'; '.join(texts)}"


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
