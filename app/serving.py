"""The web server: listening before anything is said about it, finished with what is in flight before it ends."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import logs
from app.protocol import Protocol
from app.settings import Settings
from app.web import metrics

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared, not bound


class Server:
    """Listens at once, so that whoever reads `url` can connect; raises OSError if it cannot."""

    def __init__(self, settings: Settings) -> None:
        logs.configure(settings.log_format, settings.log_level)
        self._config = uvicorn.Config(
            "app.main:from_environment",
            factory=True,
            workers=settings.workers,
            http=Protocol,
            ws="websockets-sansio",
            ws_max_size=settings.body_limit,
            ws_per_message_deflate=False,  # memory for each connection, and bombs, for messages of a few hundred bytes
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.shutdown_timeout),
        )
        self._socket = listen(settings.host, settings.port, self._config.backlog)
        self.url = url_of(settings.host, self._socket.getsockname()[1])

    def run(self) -> None:
        """Until SIGINT or SIGTERM. Exits with a status of its own if the application does not start, or fails."""
        if self._config.workers == 1:
            process = _WebProcess(self._config)
            process.run(sockets=[self._socket])
            if process.lifespan.should_exit:
                sys.exit(STARTUP_FAILURE)
            return
        with _shared_metrics():
            supervisor = _Supervisor(self._config, [self._socket])
            supervisor.run()
        if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
            sys.exit(STARTUP_FAILURE)


class _Supervisor(Multiprocess):
    _known: frozenset[int] = frozenset()

    def keep_subprocess_alive(self) -> None:
        """As uvicorn's, looking twice a second; and what a process had open is not counted once it is gone."""
        super().keep_subprocess_alive()
        running = frozenset(process.pid for process in self.processes if process.pid is not None)
        for gone in self._known - running:
            metrics.gone(gone)
        self._known = running


class _WebProcess(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, which raises the signal again afterwards: a shutdown that was asked for ends with status 0."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def url_of(host: str, port: int) -> str:
    """Where a client on this machine reaches a server on that address."""
    host = _EVERYWHERE.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(host: str, port: int, backlog: int = 128) -> socket.socket:
    """Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(backlog)
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(True)
    return listening


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """A folder that every web process writes its numbers to, so that any of them can answer /metrics for all."""
    if metrics.MULTIPROCESS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dragoman-metrics-") as folder:
        os.environ[metrics.MULTIPROCESS] = folder
        yield
        del os.environ[metrics.MULTIPROCESS]
