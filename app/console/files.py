"""What a browser loads: plain files, read and packed once, under an address that changes whenever one of them does."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.web.reply import Reply

FOLDER = Path(__file__).with_name("assets")
_PAGE = "index.html"
_PLACE = b"{assets}"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes
    media_type: str
    etag: str
    keep: str

    def reply(self, headers: Mapping[bytes, bytes]) -> Reply:
        told = {**SECURITY, "Cache-Control": self.keep, "ETag": self.etag, "Vary": "Accept-Encoding"}
        if self.etag in headers.get(b"if-none-match", b"").decode("latin-1"):
            return Reply(304, b"", told, self.media_type)
        if b"gzip" in headers.get(b"accept-encoding", b""):
            return Reply(200, self.packed, {**told, "Content-Encoding": "gzip"}, self.media_type)
        return Reply(200, self.body, told, self.media_type)


class Files:
    """All of a folder. A page of an older version finds none of its files here: it has to be loaded anew."""

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}
        digest = hashlib.sha256()
        for name, body in found.items():
            digest.update(f"{name} {len(body)}\n".encode() + body)
        self.version = digest.hexdigest()[:16]
        page = found.pop(_PAGE).replace(_PLACE, f"/console/assets/{self.version}".encode())
        self._page = _file(_PAGE, page, _ASK_AGAIN)
        self._files = {name: _file(name, body, _FOR_EVER) for name, body in found.items()}

    def page(self, headers: Mapping[bytes, bytes]) -> Reply:
        return self._page.reply(headers)

    def get(self, version: str, name: str, headers: Mapping[bytes, bytes]) -> Reply | None:
        file = self._files.get(name) if version == self.version else None
        return file.reply(headers) if file is not None else None


def _file(name: str, body: bytes, keep: str) -> _File:
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _File(body, gzip.compress(body, 9, mtime=0), _TYPES[Path(name).suffix], etag, keep)
