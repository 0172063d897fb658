"""Absolute URLs of what is served here, for contracts that want them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.web.rest import Call


def link(call: Call[Any, Any], path: str, query: Mapping[str, Any]) -> str:
    """`path` is below the dialect's prefix. Where nobody said what this server is called: as the client called it."""
    host = call.headers.get(b"host", b"").decode("latin-1")
    base = call.services.public_url or f"{call.scope['scheme']}://{host}"
    return f"{base}{call.scope['root_path']}{path}?{urlencode(query)}"
