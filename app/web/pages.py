"""Pages for browsers, and the libraries that they use: all from here, nothing from anywhere else."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.web.reply import Reply

HTML = "text/html; charset=utf-8"
_ASSETS = Path(__file__).with_name("assets")
_KINDS = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
SAFE = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def try_rest(dialect: str) -> Reply:
    """The page of a REST dialect, at `/<prefix>/docs`: Swagger UI over the contract beside it."""
    return _page("try_rest.html", dialect)


def try_graphql(dialect: str) -> Reply:
    """The page of a GraphQL dialect, for a browser that opens `/graphql`: GraphiQL."""
    return _page("try_graphql.html", dialect)


@cache
def _page(name: str, dialect: str) -> Reply:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    text = re.sub(r"\{asset (\S+)\}", _address, text.replace("{dialect}", dialect.replace("_", " ").title()))
    headers = {"Content-Security-Policy": policy(text), "Cache-Control": "no-cache", "Vary": "Accept", **SAFE}
    return Reply(200, text.encode(), headers, HTML)


def _address(found: re.Match[str]) -> str:
    """Of a library, below the prefix that the page is at: `{asset react.js}` is version and all."""
    name, _, kind = found[1].partition(".")
    [path] = _ASSETS.glob(f"{name}-[0-9]*.{kind}.gz")
    return f"../assets/{path.stem}"


def policy(html: str) -> str:
    """A Content-Security-Policy under which a page's own scripts run, and files of this server; no other, and no text.

    The libraries write styles into elements that they make, which only 'unsafe-inline' lets them.
    """
    scripts = " ".join(f"'sha256-{_digest(text)}'" for text in _SCRIPT.findall(html))
    return (
        f"default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def routes() -> list[Route]:
    """The libraries. A file's name has its version, so it never changes under a name."""

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _names():
            return PlainTextResponse("no such file", 404)
        headers = {"Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable", **SAFE}
        return FileResponse(_ASSETS / f"{name}.gz", headers=headers, media_type=_KINDS[name.rpartition(".")[2]])

    return [Route("/assets/{name}", asset)]


@cache
def _names() -> frozenset[str]:
    return frozenset(path.stem for path in _ASSETS.glob("*.gz"))
