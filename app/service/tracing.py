"""The trace that something is part of, handed on from a request over its tasks to whatever is called because of it.

As W3C Trace Context writes it, `traceparent` (https://www.w3.org/TR/trace-context/): it came with the request, or is
made up here, and it travels in the payload of tasks. Steps on the way are spans once somebody records them (`use`);
until then a span costs nothing, and what came in goes out.
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from enum import StrEnum
from typing import Any, Protocol

from app.core.messages import TRACE
from app.service.chance import CHANCE

KEY = TRACE
"""Its name in the payload of a task, and as a header."""

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_current: ContextVar[str] = ContextVar(KEY, default="")


class Kind(StrEnum):
    """What a span is to the one above it: a request answered, a step, a task taken from the queue, a call made."""

    SERVER = "server"
    INTERNAL = "internal"
    CONSUMER = "consumer"
    CLIENT = "client"


class Span(Protocol):
    """Facts are for operators: nothing secret or personal."""

    def rename(self, name: str) -> None: ...

    def tell(self, **facts: str | int | float) -> None: ...

    def fail(self, why: str) -> None: ...


class Recorder(Protocol):
    """`current` is what the span is under, the text that its `__enter__` has to `carry` the one of its own."""

    def span(self, name: str, kind: Kind, facts: Mapping[str, Any]) -> AbstractContextManager[Span]: ...


class _Unrecorded:
    def rename(self, name: str) -> None: ...

    def tell(self, **facts: str | int | float) -> None: ...

    def fail(self, why: str) -> None: ...


_UNRECORDED: AbstractContextManager[Span] = nullcontext(_Unrecorded())
_recorder: Recorder | None = None


def use(recorder: Recorder | None) -> None:
    """For the whole process: from now on spans are recorded, or no longer."""
    global _recorder  # noqa: PLW0603 - as with logging, there is one for the process
    _recorder = recorder


def recording() -> bool:
    return _recorder is not None


def span(name: str, kind: Kind = Kind.INTERNAL, **facts: str | int | float) -> AbstractContextManager[Span]:
    """A step under the current one; within it, `current` names it. An exception that leaves it is its failure."""
    return _UNRECORDED if _recorder is None else _recorder.span(name, kind, facts)


def current() -> str:
    """What to hand on. Where nothing came in it is made up, once for all that follows in this context."""
    text = _current.get()
    if not text:
        text = _made_up()
        _current.set(text)
    return text


def above() -> str:
    """The same, empty where there is none."""
    return _current.get()


def read(text: object) -> str:
    """A header or a task's value as version 00 has it; empty if it is none."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return ""
    version, trace, parent, flags, more = match.groups()
    if version == "ff" or (version == "00" and more) or not trace.strip("0") or not parent.strip("0"):
        return ""
    return f"00-{trace}-{parent}-{flags}"


class Carried:
    """`with Carried(text):` makes a text, as `read` gives it, the current one; an empty one is made up when asked."""

    __slots__ = ("_text", "_token")

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> None:
        self._token: Token[str] = _current.set(self._text)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def _made_up() -> str:
    """Not sampled: nobody here records it. Random enough to be told apart, which is all it is for."""
    bits = CHANCE.getrandbits(192) | 1 << 191 | 1  # neither part may be zero
    text = f"{bits:048x}"
    return f"00-{text[:32]}-{text[32:]}-00"
