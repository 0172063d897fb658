"""This program's own documentation, at `/docs`: the site that `make docs` built, served as it lies there."""

import os
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.web import pages

FOLDER = Path(__file__).parents[1] / "site"
_NOT_BUILT = "The documentation was not built into this installation: `make docs` does it. It is in docs/, too.\n"


class _Site(StaticFiles):
    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update({"Cache-Control": "no-cache", **pages.SAFE})
        if str(full_path).endswith(".html"):
            response.headers["Content-Security-Policy"] = _policy(str(full_path), stat_result.st_mtime_ns)
        return response


@lru_cache(maxsize=256)
def _policy(path: str, _changed: int) -> str:
    return pages.policy(Path(path).read_text(encoding="utf-8")) + "; worker-src 'self'"


def routes(folder: Path | None = None) -> list[BaseRoute]:
    """Of what is built in `folder`, where the installation has it unless told."""
    folder = folder or FOLDER

    async def not_built(_: Request) -> Response:
        return PlainTextResponse(_NOT_BUILT, 404)

    async def begin(_: Request) -> Response:
        return RedirectResponse("docs/")  # of this host, whatever a proxy calls it

    if not (folder / "index.html").exists():
        return [Route("/docs", not_built), Route("/docs/{path:path}", not_built)]
    return [Route("/docs", begin), Mount("/docs", _Site(directory=folder, html=True))]
