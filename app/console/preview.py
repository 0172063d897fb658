"""A mail as its reader sees it: a page of its own, which runs nothing, loads nothing, and belongs to no origin."""

from urllib.parse import parse_qs

from starlette.types import Scope

from app.service.access import Caller
from app.web.dialect import Services
from app.web.reply import Reply

_ALONE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
    "frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


async def render(services: Services, caller: Caller, scope: Scope) -> Reply:
    """`request` and `language` from the query. Raises what a preview raises, and SCOPE_MISSING."""
    caller.require("read_orders")
    query = parse_qs(scope["query_string"].decode("latin-1"))
    language = query.get("language", [""])[0] or None
    found = await services.mailing.preview(caller, query.get("request", [""])[0], language)
    return Reply(200, found.mail.texts.html.encode(), _ALONE, "text/html; charset=utf-8")
