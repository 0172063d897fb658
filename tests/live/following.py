"""A client of Server-Sent Events, as the specification of `EventSource` reads them; no test and no fixture is here."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.dialects.server import PATIENCE

STREAM = "/api/events/stream"


@dataclass(frozen=True)
class Frame:
    id: str
    event: str
    data: Any


class Stream:
    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.retry: int | None = None
        self.comments = 0
        self.ended = False
        self._lines = answer.iter_lines()
        self._last_id = ""

    def __iter__(self) -> Iterator[Frame]:
        """Until the stream ends."""
        fields: dict[str, str] = {}
        for line in self._lines:
            if not line:
                if "data" in fields:
                    yield Frame(self._last_id, fields["event"], json.loads(fields["data"]))
                fields = {}
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not name:
                self.comments += 1
            elif name == "retry":
                self.retry = int(value)
            else:
                fields[name] = value
                self._last_id = value if name == "id" else self._last_id
        self.ended = True

    def take(self, number: int) -> list[Frame]:
        frames = iter(self)
        return [next(frames) for _ in range(number)]

    def rest(self) -> list[Frame]:
        return [*self]


@contextmanager
def follow(base: str, key: str, query: str = "", headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
    """An open stream, after the first line; it answers 200."""
    with httpx.Client(base_url=base, timeout=PATIENCE) as client:
        held = {"Authorization": f"Bearer {key}", **(headers or {})}
        with client.stream("GET", f"{STREAM}{query}", headers=held) as answer:
            assert answer.status_code == 200, answer.read()
            yield Stream(answer)


def until(holds: Any, what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.005)
