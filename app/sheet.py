"""Orders in a CSV file: a row a line, the order's own columns repeated, columns named as in a body of POST /api/orders.

docs/import.md describes the layout. Rows of one order follow one another; they are told by `number`, else by `keys.…`.
A row with neither is an order of its own.
"""

import csv
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import Any, BinaryIO

import msgspec

from app import columns
from app.dialects.native.bodies import MOST_LINES
from app.web.faults import Detail, Fault, FaultCode

_DELIMITERS = ",;\t"
_OF_ROW = re.compile(r"rows\.(\d+)\.(.*)")
_OF_LINE = re.compile(r"lines\.(\d+)(?:\.(.+))?")
_OF_FEE = re.compile(r"fees\.(\d+)\..+")


class BadSheet(Exception):  # noqa: N818 - the sheet is
    """Nothing more can be read of the file; the text says where and why."""


@dataclass(slots=True)
class Rows:
    """Where an order is in its file: its rows as a spreadsheet numbers them, those that have a line, its fees."""

    numbers: list[int]
    with_line: list[int] = field(default_factory=list)
    fees: list[str] = field(default_factory=list)

    def place(self, field_: str) -> tuple[str, str]:
        """The row and the column of a field of the order's body; of one with `rows.N` in front, of that row of it."""
        row, column = self.numbers[0], field_
        if found := _OF_ROW.fullmatch(field_):
            row, column = self.numbers[int(found[1])], found[2]
        elif (found := _OF_LINE.fullmatch(field_)) and int(found[1]) < len(self.with_line):
            row, column = self.with_line[int(found[1])], f"line.{found[2]}" if found[2] else "line"
        elif (found := _OF_FEE.fullmatch(field_)) and int(found[1]) < len(self.fees):
            column = self.fees[int(found[1])]
        return f"row {row}", column


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Mapping[str, str]
    wrong: str | None

    @property
    def order(self) -> tuple[str, str]:
        """The column that tells which order it is of, and what that holds."""
        for name, text in self.cells.items():
            if name == "number":
                return name, text
        for name, text in self.cells.items():
            if name.startswith("keys."):
                return name, text
        return "", str(self.number)


def orders(stream: BinaryIO, longest: int) -> Iterator[tuple[Rows, bytes | Fault]]:
    """Each as the JSON of its body, or what is wrong with it. Raises BadSheet, the first time for the header."""
    seen: set[tuple[str, str]] = set()
    done = 1
    try:
        for identity, group in groupby(_rows(stream, longest), key=lambda row: row.order):
            # One more than an order may have, so that it is refused as too long; the rest is read past.
            rows = [row for n, row in enumerate(group) if n <= MOST_LINES]
            where, body, wrong = _order(rows)
            if identity[0] and identity in seen:
                wrong = [Detail(f"rows.0.{identity[0]}", "rows of one order must follow one another")]
            seen.add(identity)
            done = rows[-1].number
            yield where, Fault(FaultCode.INVALID, *wrong) if wrong else msgspec.json.encode(body)
    except BadSheet as bad:
        # The order before the bad row may go on in it: half an order is worse than none.
        raise BadSheet(f"{bad}; nothing {f'past row {done} ' if done > 1 else ''}was imported") from bad


def _rows(stream: BinaryIO, longest: int) -> Iterator[_Row]:
    lines = _lines(stream, longest)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader, number = csv.reader(chain([first], lines), delimiter=delimiter, strict=True), 1
    try:
        names = _header(next(reader, []))
        for cells in reader:
            number += 1
            if any(cell.strip() for cell in cells):
                yield _row(number, names, [cell.strip() for cell in cells])
    except csv.Error as error:
        raise BadSheet(f"row {number + 1}: {error}") from error


def _lines(stream: BinaryIO, longest: int) -> Iterator[str]:
    number = 0
    while line := stream.readline(longest + 1):
        number += 1
        if len(line) > longest and not line.endswith(b"\n"):
            raise BadSheet(f"line {number}: is longer than {longest} bytes")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadSheet(f"line {number}: is not UTF-8; a spreadsheet program can save a file so") from error


def _header(cells: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in filter(None, names):
        if columns.kind_of(name) is None:
            near = difflib.get_close_matches(name, columns.kinds(), 1, cutoff=0.8)
            near = [f"line.{name}"] if columns.kind_of(f"line.{name}") else near
            raise BadSheet(f"row 1: there is no column {name!r}{f', but {near[0]!r}' if near else ''}")
        if names.count(name) > 1:
            raise BadSheet(f"row 1: the column {name!r} is there twice")
    missing = [name for name in columns.NEEDED if name not in names]
    if missing:
        raise BadSheet(f"row 1: these columns are missing: {', '.join(missing)}")
    return names


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> _Row:
    held = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
    nameless = [cell for n, cell in enumerate(cells) if cell and (n >= len(names) or not names[n])]
    return _Row(
        number, held, "has more cells than the header: is a text with a comma not in quotes?" if nameless else None
    )


def _order(rows: Sequence[_Row]) -> tuple[Rows, dict[str, Any], list[Detail]]:
    where, wrong = Rows([row.number for row in rows]), list[Detail]()
    body: dict[str, Any] = {"lines": []}
    order = {name: text for name, text in rows[0].cells.items() if not name.startswith(columns.LINE)}
    _put(body, order, 0, wrong)
    where.fees += [name for name in order if name.startswith(columns.FEE)]
    for n, row in enumerate(rows):
        if row.wrong is not None:
            wrong.append(Detail(f"rows.{n}.", row.wrong))
        line = {name: text for name, text in row.cells.items() if name.startswith(columns.LINE)}
        wrong += [
            Detail(f"rows.{n}.{name}", f"is not as in row {rows[0].number}, of the same order")
            for name, text in row.cells.items()
            if name not in line and order.get(name) != text
        ]
        if line:
            body["lines"].append(_put({}, line, n, wrong))
            where.with_line.append(row.number)
    return where, body, wrong


def _put(into: dict[str, Any], cells: Mapping[str, str], row: int, wrong: list[Detail]) -> dict[str, Any]:
    for name, text in cells.items():
        try:
            columns.put(into, name, text)
        except ValueError as error:
            wrong.append(Detail(f"rows.{row}.{name}", str(error)))
    return into
