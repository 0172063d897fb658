"""A mail as a reader sees it: rendered by Chromium, told what to do over its DevTools protocol. No test is here."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from websockets.sync.client import ClientConnection, connect

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
_PATIENCE = 60.0


class Browser:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0

    def do(self, method: str, **parameters: Any) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            told = json.loads(self._socket.recv(timeout=_PATIENCE))
            if told.get("id") == self._sent:
                assert "error" not in told, told
                return told["result"]

    def show(self, html: str, *, width: int, dark: bool) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.do("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        frame = self.do("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self.do("Page.setDocumentContent", frameId=frame, html=html)

    def ask(self, expression: str) -> Any:
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def picture(self) -> bytes:
        """PNG of the whole page."""
        shot = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(shot["data"])


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    assert CHROMIUM is not None
    command = [
        CHROMIUM,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--remote-debugging-port=0",
        f"--user-data-dir={folder}",
        "about:blank",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_page(folder), max_size=None, proxy=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _page(folder: Path) -> str:
    """The address of a new tab: asked for over the browser's own socket, whose port it writes into a file."""
    told, ends = folder / "DevToolsActivePort", time.monotonic() + _PATIENCE
    while not told.exists() or len(told.read_text().split()) < 2:
        assert time.monotonic() < ends, "Chromium does not start"
        time.sleep(0.05)
    port, path = told.read_text().split()
    with connect(f"ws://127.0.0.1:{port}{path}", proxy=None) as socket:
        target = Browser(socket).do("Target.createTarget", url="about:blank")["targetId"]
    return f"ws://127.0.0.1:{port}/devtools/page/{target}"
