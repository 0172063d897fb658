"""A page to try documents in, for a browser that opens `/graphql`: one file, and nothing from anywhere else."""

import base64
import hashlib
import re
from pathlib import Path

from app.web.reply import Reply

_TEXT = Path(__file__).with_name("graphql_page.html").read_text(encoding="utf-8")


def _hash(tag: str) -> str:
    """Of what stands between a tag and its end, as a Content-Security-Policy names it."""
    found = re.search(f"<{tag}>(.*?)</{tag}>", _TEXT, re.DOTALL)
    inside = found.group(1) if found else ""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'"


PAGE = Reply(
    200,
    _TEXT.encode(),
    {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src {_hash('script')}; style-src {_hash('style')}; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-cache",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    },
    "text/html; charset=utf-8",
)
