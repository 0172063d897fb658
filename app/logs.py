"""Log lines: one JSON object each, or text for people. Nothing secret or personal is ever handed to them."""

import asyncio
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import msgspec

_MOST_LINES = 100
_MOMENT = 0.05  # seconds


class _Lines(logging.Formatter):
    """`texts` shows what exceptions say, too: it may be anything that somebody sent, so it is for debugging."""

    def __init__(self, *, texts: bool) -> None:
        super().__init__()
        self._texts = texts

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        return super().formatException(ei) if self._texts or ei[1] is None else "".join(_without_texts(ei[1]))


def _without_texts(error: BaseException) -> Iterator[str]:
    """Where it happened and what kind it was, as the interpreter shows it, but for the text."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _without_texts(before)
        yield "\n\nwhich led to:\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield "\n\nof which one is:\n\n"
        yield from _without_texts(inner)


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        facts = {
            "at": f"{_second(int(record.created))}.{int(record.created % 1 * 1000):03}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_facts(record),
        }
        if record.exc_info:
            facts["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(facts).decode()


class _Text(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items() if value not in {"", None})
        text = f"{at} {record.levelname.lower():7} {record.getMessage()} {facts}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class _Batches(logging.StreamHandler[TextIO]):
    """Formats and writes together what came within a moment: under load one by one costs several times as much.

    A warning, and anything logged outside an event loop, goes out at once, and so does all at the end of the process.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)
        if record.levelno >= logging.WARNING or len(self._records) >= _MOST_LINES:
            self.flush()
        elif len(self._records) == 1:
            try:
                asyncio.get_running_loop().call_later(_MOMENT, self.flush)
            except RuntimeError:
                self.flush()

    def flush(self) -> None:
        self.acquire()
        try:
            records, self._records = self._records, []
            if records:
                self.stream.write("".join(self.format(record) + self.terminator for record in records))
            super().flush()
        finally:
            self.release()


def configure(format_: str, level: str) -> None:
    """All loggers of the process, uvicorn's included, to standard error."""
    # What no line of ours shows need not be found out for each (the logging cookbook's section on optimization).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = _Batches(sys.stderr)
    texts = level == "debug"
    handler.setFormatter(_Json(texts=texts) if format_ == "json" else _Text(texts=texts))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    server = logging.getLogger("uvicorn.error")
    server.setLevel(max(root.level, logging.INFO))  # below that it shows what is in the frames of a WebSocket
    server.addFilter(_not_of_a_socket)


def _not_of_a_socket(record: logging.LogRecord) -> bool:
    """The server's own line for each WebSocket shows its address with the query, which may hold anything."""
    return record.levelno > logging.INFO or '"WebSocket ' not in str(record.msg)


@lru_cache(2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _facts(record: logging.LogRecord) -> dict[str, object]:
    facts = getattr(record, "facts", None)
    return facts if isinstance(facts, dict) else {}
