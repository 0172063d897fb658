"""The web server: bound before anything is said about it, finished with what is in flight before it ends."""

import os
import tempfile

import uvicorn
from uvicorn.supervisors import Multiprocess

from app import logs
from app.settings import Settings
from app.store import is_current, migrate
from app.web import metrics


class Server:
    """Binds its port at once; `url` is where it will answer."""

    def __init__(self, settings: Settings) -> None:
        logs.configure(settings.log_format, settings.log_level)
        if settings.workers > 1:
            # Read by every web process, so that any of them can answer /metrics for all.
            os.environ.setdefault(metrics.MULTIPROCESS, tempfile.mkdtemp(prefix="dragoman-metrics-"))
        self._config = uvicorn.Config(
            "app.main:from_environment",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(settings.shutdown_timeout),
        )
        self._socket = self._config.bind_socket()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        server = uvicorn.Server(self._config)
        if self._config.workers > 1:
            Multiprocess(self._config, [self._socket]).run()
        else:
            server.run(sockets=[self._socket])


def migrate_embedded(url: str) -> None:
    """Only if it has to be: looking costs a millisecond, migrating half a second of imports."""
    if not is_current(url):
        migrate(url)
