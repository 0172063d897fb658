"""Requests into checked values: bodies, queries and idempotency keys; whatever is wrong becomes a `Fault`."""

import hashlib
import math
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_origin
from urllib.parse import parse_qsl

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope

from app.core.ports import MAX_KEY
from app.service.desk import Once
from app.web.faults import Detail, Fault, FaultCode

_M = TypeVar("_M", bound=BaseModel)
_T = TypeVar("_T")
_MOST_PARAMETERS = 100
_MOST_VALUES = 50
_DEEPEST = 64
"""Levels of a JSON body: what is taken in must also go out again, inside lists and from deeper in the program."""
_JSON_TYPES = ("application/json", "text/json")
_LINES_TYPES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    *_JSON_TYPES,
    "text/plain",
    "application/octet-stream",
)


def _whole(value: Any) -> Any:
    """JSON has one kind of number: `2.0` is 2, `1.5` is no integer, `true` and `"2"` are no numbers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int), Field(strict=True)]
Text = Annotated[str, Field(max_length=MAX_KEY)]
Key = Annotated[str, Field(min_length=1, max_length=MAX_KEY, pattern=r"^[^\x00-\x1f\x7f]+$")]


def _apart(value: Any) -> Any:
    return [part for text in value for part in text.split(",")] if isinstance(value, list) else value


Several = Annotated[list[_T], BeforeValidator(_apart), Field(max_length=_MOST_VALUES)]
"""Of a query: a parameter that may repeat, or hold several values with commas between them."""


def empty(kind: type[dict[Any, Any]] | type[list[Any]]) -> Any:
    """A field's default: a new one each time. pydantic makes a deep copy of `{}` and `[]` for every body, which took
    a third of the reading of an order."""
    return Field(default_factory=kind, json_schema_extra={"default": kind()})


class Body(BaseModel):
    """A request body: JSON types as they are (no number from a string), unknown keys ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class StrictBody(Body):
    """A body in which an unknown key is refused: where a misspelt one would do something that cannot be undone."""

    model_config = ConfigDict(extra="forbid")


class QueryString(BaseModel):
    """Query parameters: texts that are read as the type says, unknown ones ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Raises TOO_LARGE, MEDIA_TYPE, and MALFORMED for one that ends early."""
    headers = dict(scope["headers"])
    check_encoding(headers.get(b"content-encoding"))
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > limit:
        raise Fault(FaultCode.TOO_LARGE)
    body = bytearray()  # appended to: it may come byte by byte
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > limit:
            raise Fault(FaultCode.TOO_LARGE)
        if message["type"] == "http.disconnect":
            # What was still to come may say what is meant: nothing at all would cancel a whole order.
            raise Fault(FaultCode.MALFORMED, Detail("", "the body ended early", "json"))
        if not message.get("more_body", False):
            return bytes(body)


def check_encoding(content_encoding: bytes | None) -> None:
    """Nothing is decompressed: a thousand bytes may stand for a million. Raises MEDIA_TYPE."""
    if content_encoding and content_encoding.strip().lower() != b"identity":
        raise Fault(FaultCode.MEDIA_TYPE, Detail("Content-Encoding", "must not be there", where="header"))


def check_media_type(content_type: bytes | None) -> None:
    """None is taken for JSON: many clients leave it out."""
    kind = _kind(content_type)
    if kind not in _JSON_TYPES and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Fault(FaultCode.MEDIA_TYPE)


def check_lines_type(content_type: bytes | None) -> None:
    """Lines of JSON have many names."""
    if _kind(content_type) not in _LINES_TYPES:
        raise Fault(FaultCode.MEDIA_TYPE, Detail("Content-Type", f"must be {_LINES_TYPES[0]}", where="header"))


def _kind(content_type: bytes | None) -> str:
    return (content_type or _JSON_TYPES[0].encode()).decode("latin-1").partition(";")[0].strip().lower()


def _as_written(text: str) -> float:
    """`1e-400` and `1.00000000000000000001` are neither 0 nor 1, which a quantity would take them for."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("Number out of range")
    if value.is_integer():
        try:
            whole = Decimal(text) == Decimal(text).to_integral_value()
        except ArithmeticError:
            whole = False
        if not whole:
            raise ValueError("Number has more digits than are kept")
    return value


_DECODER = msgspec.json.Decoder(float_hook=_as_written)


def parse_json(raw: bytes) -> Any:
    try:
        value = _DECODER.decode(raw)
        if b"\\u" in raw:
            _check_texts(value)
        if raw.count(b"{") + raw.count(b"[") > _DEEPEST:
            _check_depth(value, _DEEPEST)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Fault(FaultCode.MALFORMED, Detail("", _malformed(error), "json")) from error
    return value


def parse_body(raw: bytes, model: type[_M]) -> _M:
    value = parse_json(raw) if raw else {}
    if not isinstance(value, dict):
        raise Fault(FaultCode.NOT_AN_OBJECT)
    return validate(value, model, "body")


def parse_query(raw: bytes, model: type[_M]) -> _M:
    if not raw:
        return cast(_M, _without_query(model))
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except (UnicodeError, ValueError) as error:
        raise Fault(FaultCode.INVALID, Detail("query", "cannot be read", where="query")) from error
    for name, text in pairs:
        if "\0" in text:
            raise Fault(FaultCode.INVALID, Detail(name, "must not contain NUL", where="query"))
    values: dict[str, Any] = dict(pairs)
    for name in _repeatable(model) & values.keys():
        values[name] = [text for named, text in pairs if named == name]
    return validate(values, model, "query")


@cache
def _repeatable(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if get_origin(field.annotation) is list)


@cache
def _without_query(model: type[BaseModel]) -> BaseModel:
    """Shared by all requests that have none: queries are frozen."""
    return validate({}, model, "query")


def validate(value: Any, model: type[_M], where: str) -> _M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = [
            Detail(".".join(str(part) for part in item["loc"]) or where, _text(item["msg"]), item["type"], where)
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise Fault(FaultCode.INVALID, *details) from error


def idempotency_key(headers: Mapping[bytes, bytes]) -> str | None:
    given = headers.get(b"idempotency-key")
    return None if given is None else check_idempotency_key(given.decode("latin-1"), "Idempotency-Key", "header")


def check_idempotency_key(key: Any, field: str, where: str = "body") -> str:
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise Fault(FaultCode.INVALID, Detail(field, f"must be 1 to {MAX_KEY} printable ASCII characters", where=where))
    return key


def once(headers: dict[bytes, bytes], scope: Scope, raw: bytes) -> Once | None:
    """The idempotency key with a fingerprint of the whole request that came with it."""
    key = idempotency_key(headers)
    if key is None:
        return None
    digest = hashlib.sha256(scope["method"].encode())
    for part in (scope["path"].encode("utf-8", "surrogateescape"), scope["query_string"], raw):
        digest.update(b"\0")
        digest.update(part)
    return Once(key, digest.hexdigest())


_TOO_DEEP = f"nested deeper than {_DEEPEST} levels"


def _malformed(error: Exception) -> str:
    """Where a body ends too early the parser does not say that JSON is what it reads; what else fails speaks Python."""
    if isinstance(error, UnicodeEncodeError):
        return "a text contains half a character (a lone surrogate)"
    if isinstance(error, UnicodeError):
        return "JSON is malformed: it is not UTF-8"
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    return str(error).replace("Input data was truncated", "JSON is malformed: it ends too early")


_NO_OBJECT = "valid dictionary"


def _text(message: str) -> str:
    """A partner sends JSON objects, and knows neither our language's dictionaries nor our classes."""
    message = message.removeprefix("Value error, ").partition(" after validation, ")[0]
    if _NO_OBJECT in message:
        message = message.partition(_NO_OBJECT)[0] + "valid object"
    return message[:1].lower() + message[1:]


def _check_depth(value: Any, left: int) -> None:
    if isinstance(value, dict | list):
        if left == 0:
            raise msgspec.DecodeError(_TOO_DEEP)
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, left - 1)


def _check_texts(value: Any) -> None:
    """No database text holds NUL, and no UTF-8 a lone surrogate; escapes are the only way to smuggle one in."""
    if isinstance(value, str):
        if "\0" in value:
            raise msgspec.DecodeError("a text contains NUL")
        value.encode()
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
