"""`dragoman serve`: it tells its address, answers, finishes what is in flight, and ends without a traceback."""

import http.client
import os
import re
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.program import PATIENCE, Serving, refused, run, serving, until
from tests.cli.reading import new_key, new_tenant

_ORDER = b'{"number": "%s", "currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}\n'


def test_a_request_in_flight_is_finished(database_url: str, tmp_path: Path) -> None:
    key = new_key(database_url, new_tenant(database_url))
    with serving(tmp_path, database_url) as server:
        assert server.get("/health/live").json() == {"status": "live"}
        address = urlsplit(server.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
        connection.putrequest("POST", "/api/orders/import")
        connection.putheader("Authorization", f"Bearer {key}")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        connection.send(_chunk(_ORDER % b"1"))
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not _listens(server.url), "the server takes no more connections")
        connection.send(_chunk(_ORDER % b"2") + _chunk(b""))
        lines = connection.getresponse().read().splitlines()
        assert [b'"status":"created"' in line for line in lines] == [True, True]
        connection.close()
        assert server.process.wait(PATIENCE) == 0
        assert "Traceback" not in server.text


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c(workers: str, sqlite_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, sqlite_url, "--workers", workers) as server:
        assert server.get("/health/ready").status_code == 200
        assert server.stop(signal.SIGINT, group=True) == 0
        assert "Traceback" not in server.text
        assert not _listens(server.url)


def test_two_workers_count_together(database_url: str, tmp_path: Path) -> None:
    key = new_key(database_url, new_tenant(database_url))
    with serving(tmp_path, database_url, "--workers", "2") as server:
        until(lambda: len(_started(server)) == 2, "the start of both processes")
        for process in _started(server):
            os.kill(process, signal.SIGSTOP)  # so that the other one answers
            assert [server.get("/api/orders", key).status_code for _ in range(3)] == [200] * 3
            os.kill(process, signal.SIGCONT)
        for _ in range(4):
            text = server.get("/metrics").text
            assert 'dragoman_requests_total{dialect="native",operation="list_orders",outcome="ok"} 6.0' in text
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.text


def _started(server: Serving) -> list[int]:
    return [int(process) for process in re.findall(r"Started server process \[(\d+)\]", server.text)]


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert refused(done) == f"cannot listen on 127.0.0.1 port {port}: Address already in use"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_application_that_does_not_start(workers: str, tmp_path: Path) -> None:
    # Read by every Python at its start: the application cannot be imported in any of the processes.
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['app.main'] = None\n")
    url = f"sqlite:///{tmp_path / 'x.db'}"
    with serving(tmp_path, url, "--workers", workers, PYTHONPATH=str(tmp_path)) as server:
        assert server.process.wait(PATIENCE) not in {0, None}
        assert '"level":"error"' in server.text


def _listens(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0)).close()
    except OSError:
        return False
    return True


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
