"""GraphQL over HTTP, the request: what is asked, and which of the two media types the answer has.

Source: the GraphQL-over-HTTP specification, stage 2 draft (graphql/graphql-over-http).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from app.web import decode
from app.web.faults import Detail, Fault, FaultCode

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
_HTML = "text/html"
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """`operation` is the name of the operation that is meant, None if none is named."""

    document: str
    operation: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]


def from_body(raw: bytes, content_type: bytes | None) -> Asked:
    check_content_type(content_type)
    if not raw.strip():
        raise Fault(FaultCode.MALFORMED, Detail("", "the body is empty", "json"))
    return from_value(decode.parse_json(raw))


def from_value(value: Any) -> Asked:
    """Raises NOT_AN_OBJECT, for a batch too, and INVALID."""
    if not isinstance(value, dict):
        raise Fault(FaultCode.NOT_AN_OBJECT)
    wrong = []
    document = value.get("query")
    if not isinstance(document, str):
        text = "field required" if document is None else "must be a string"
        wrong.append(Detail("query", text, "missing" if document is None else "string_type"))
    operation = value.get("operationName")
    if operation is not None and not isinstance(operation, str):
        wrong.append(Detail("operationName", "must be a string", "string_type"))
    maps: dict[str, dict[str, Any]] = {}
    for name in ("variables", "extensions"):
        given = value.get(name)
        if given is not None and not isinstance(given, dict):
            wrong.append(Detail(name, "must be an object", "dict_type"))
        else:
            maps[name] = given or {}
    if wrong:
        raise Fault(FaultCode.INVALID, *wrong)
    return Asked(str(document), operation or None, maps["variables"], maps["extensions"])


def from_query(raw: bytes) -> Asked:
    """Of a GET: texts, `variables` and `extensions` as JSON in them. Raises INVALID."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError as error:
        raise Fault(FaultCode.INVALID, Detail("query", "cannot be read", where="query")) from error
    given: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if given.get(name):
            try:
                given[name] = decode.parse_json(given[name].encode())
            except Fault as fault:
                raise Fault(FaultCode.INVALID, Detail(name, "must be JSON", where="query")) from fault
        else:
            given.pop(name, None)
    return from_value(given)


def check_content_type(content_type: bytes | None) -> None:
    """It must be there: a browser sends other sites' forms without asking, but never as JSON."""
    if not content_type:
        raise Fault(FaultCode.MEDIA_TYPE, Detail("Content-Type", "must be there", where="header"))
    decode.check_media_type(content_type)
    for part in content_type.decode("latin-1").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            raise Fault(FaultCode.MEDIA_TYPE, Detail("Content-Type", "must be UTF-8", where="header"))


@lru_cache(maxsize=256)
def media_type(accept: bytes | None) -> str:
    """`application/graphql-response+json` where of the two it is the only one accepted. A client that accepts neither
    gets JSON all the same, which the specification allows and which any client here can read.
    """
    if accept is None:
        return JSON
    ranges = _ranges(accept.decode("latin-1"))
    return GRAPHQL_JSON if _accepts(ranges, GRAPHQL_JSON) and not _accepts(ranges, JSON) else JSON


def wants_page(headers: Mapping[bytes, bytes]) -> bool:
    """A browser's address bar: it names HTML, and neither media type of an answer."""
    ranges = _ranges(headers.get(b"accept", b"").decode("latin-1"))
    return _accepts({_HTML: ranges.get(_HTML, 0.0)}, _HTML) and JSON not in ranges and GRAPHQL_JSON not in ranges


def _ranges(accept: str) -> dict[str, float]:
    """Quality by media range; what cannot be read counts as accepted."""
    found = {}
    for item in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        found[kind] = next((_quality(part[2:]) for part in parameters if part.startswith("q=")), 1.0)
    return found


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _accepts(ranges: Mapping[str, float], kind: str) -> bool:
    """The most specific range that fits decides."""
    for fits in (kind, kind.partition("/")[0] + "/*", "*/*"):
        if fits in ranges:
            return ranges[fits] > 0
    return False
