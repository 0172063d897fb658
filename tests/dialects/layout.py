"""JSON as people lay it out, and texts without what is different every time; no test and no fixture is here."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

_WIDTH = 92
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_TIME = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"\bDR-[0-9A-Z]{8,}\b")
_MILLISECONDS = re.compile(r"\b1[6-9]\d{11}\b")
_LONG_NUMBER = re.compile(r"\b\d{30,40}\b")
_HEX = re.compile(r"(?<![-\w])(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{32})(?![-\w])")
_CURSOR = re.compile(r"\bMjAy[A-Za-z0-9_-]{16,}={0,2}")  # base64 of a time
_SECRET = re.compile(r"\b(?:whsec_[A-Za-z0-9+/=]+|drg_[A-Za-z0-9._-]+|eyJ[A-Za-z0-9._-]+|gAAAAA[A-Za-z0-9_=-]+)")
_DIGITS = "5f1d2c3b4a596e7d8c9b0a1f2e3d4c5b"
_AT = "2026-01-31T12:00:00"
_AT_MILLISECONDS = str(int(datetime.fromisoformat(f"{_AT}+00:00").timestamp() * 1000))


def laid_out(value: Any, indent: str = "") -> str:
    """What fits into a line is one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(flat) <= _WIDTH or not isinstance(value, dict | list):
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        return "{\n" + ",\n".join(_filled(value, inner)) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + laid_out(item, inner) for item in value) + f"\n{indent}]"


def _filled(value: dict[str, Any], indent: str) -> list[str]:
    """Short entries share a line."""
    lines: list[str] = []
    for name, held in value.items():
        entry = f"{json.dumps(name)}: {laid_out(held, indent)}"
        joined = f"{lines[-1]}, {entry}" if lines else ""
        if joined and len(joined) <= _WIDTH and "\n" not in joined:
            lines[-1] = joined
        else:
            lines.append(indent + entry)
    return lines


def steady(text: str) -> str:
    """Ids, times of today, secrets, and numbers that are made of ids, each replaced by a made-up one, like for like."""
    text = _SECRET.sub(lambda found: re.split(r"(?<=_)|(?<=^eyJ)|(?<=^gAAAAA)", found[0])[0] + "…", text)
    text = _CURSOR.sub("MjAy…", text)
    text = _UUID.sub(_numbered(lambda n: f"01a1fc59-875e-7ca2-9952-{n:012x}"), text)
    text = _NUMBER.sub(_numbered(lambda n: f"DR-9H6V9C2S{n:03d}"), text)
    text = _LONG_NUMBER.sub(_numbered(lambda n: str(2171214703136331151992132875476533000 + n)), text)
    text = _HEX.sub(_hex(), text)
    text = _TIME.sub(_time, text)
    return _MILLISECONDS.sub(lambda found: _AT_MILLISECONDS if _recent(int(found[0]) / 1000) else found[0], text)


def _numbered(make: Callable[[int], str]) -> Callable[[re.Match[str]], str]:
    """The same text is always the same one, in the order in which they come."""
    known: dict[str, str] = {}

    def replace(found: re.Match[str]) -> str:
        if found[0] not in known:
            known[found[0]] = make(len(known) + 1)
        return known[found[0]]

    return replace


def _hex() -> Callable[[re.Match[str]], str]:
    """Ids of tenants, credentials and the like, by their length."""

    def of(size: int) -> Callable[[re.Match[str]], str]:
        return _numbered(lambda n: f"{_DIGITS[: size - 2]}{n:02x}")

    numbered = {size: of(size) for size in (12, 16, 32)}
    return lambda found: numbered[len(found[0])](found)


def _time(found: re.Match[str]) -> str:
    at = datetime.fromisoformat(found[0].replace("Z", "+00:00"))
    if not _recent(at.timestamp()):
        return found[0]
    fraction = f".{'0' * (len(found[2]) - 1)}" if found[2] else ""
    return f"{_AT}{fraction}{found[3]}"


def _recent(timestamp: float) -> bool:
    return abs(datetime.now(UTC) - datetime.fromtimestamp(timestamp, UTC)) < timedelta(days=2)
