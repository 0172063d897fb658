"""What a subscription may be: where it sends to, which topics, with which headers. Each raises INVALID."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from app.core import ids
from app.core.refusal import Code, Refusal
from app.service import addresses

_LONGEST_URL = 2048
_MOST_HEADERS = 20
_URL = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\.?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[!-~]([ -~]{0,998}[!-~])?")
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade"}
)
_ALLOWED = {"unless": "with DRAGOMAN_WEBHOOK_ALLOW_PRIVATE=true the server takes any"}


def is_id(text: str) -> bool:
    """Whether a database of ours could hold it as an id."""
    return ids.looks_like_ours(text)


def check_url(url: str, *, allow_private: bool) -> None:
    """Https with a host, and not to an address that nobody may have us call; names are resolved when it is sent."""
    if not _URL.fullmatch(url) or len(url) > _LONGEST_URL:
        raise _invalid("url", f"must be a URL of at most {_LONGEST_URL} ASCII characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _invalid("url", "must be a URL") from None
    if parts.scheme not in ({"https", "http"} if allow_private else {"https"}):
        raise _invalid("url", "must be an https URL", **(_ALLOWED if parts.scheme == "http" else {}))
    address = addresses.parse(host)
    if port == 0 or (address is None and not _HOST.fullmatch(host)):
        raise _invalid("url", "must name a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("url", "must not hold a user, a password or a fragment")
    local = host == "localhost" if address is None else not addresses.is_public(host)
    if local and not allow_private:
        raise _invalid("url", "must name a host of the public internet", **_ALLOWED)


def check_topics(given: Sequence[str], known: Sequence[str]) -> None:
    for n, topic in enumerate(given):
        if topic not in known:
            raise _invalid(f"topics.{n}", "is no topic of the dialect")


def check_headers(headers: Mapping[str, str]) -> None:
    """As they can stand in a request, none of those that frame it."""
    if len(headers) > _MOST_HEADERS:
        raise _invalid("headers", f"must be at most {_MOST_HEADERS}")
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _invalid("headers", "must have names and values that HTTP allows, in ASCII")
        if name.lower() in _OURS:
            raise _invalid("headers", "must leave out those that HTTP itself needs")


def _invalid(field: str, problem: str, **facts: str) -> Refusal:
    return Refusal(Code.INVALID, field=field, problem=problem, **facts)
