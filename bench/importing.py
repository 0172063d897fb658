"""`dragoman import` of a file: orders per second, and its memory as the system saw it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.table import Row

_LINES = [{"sku": f"SKU-{n}", "title": f"Thing {n}", "quantity": 5, "unit_price": 1000} for n in range(3)]


def rows(url: str, orders: int) -> Iterator[Row]:
    line = {"currency": "EUR", "lines": _LINES, "customer": {"name": "Ada Byron", "email": "ada@example.com"}}
    environment = {**os.environ, "DRAGOMAN_DATABASE_URL": url}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "orders.ndjson")
        with file.open("wb") as out:
            for n in range(orders):
                out.write(msgspec.json.encode({"number": f"N-{n}", "keys": {"shopline": f"s-{n}"}, **line}) + b"\n")
        for words in (["migrate"], ["tenant", "add", "Import"]):
            subprocess.run([sys.executable, "-m", "app", *words], env=environment, check=True, capture_output=True)
        started = time.perf_counter()
        command = [sys.executable, "-m", "app", "import", str(file), "--tenant", "Import"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    if status:
        raise RuntimeError("the import failed")
    yield Row("PostgreSQL: orders imported per second", orders / seconds, "at least 5000, aim 10000")
    yield Row("memory of the import at its highest, MB", usage.ru_maxrss / 1024, better="less")
