"""What a browser loads: little, all of it from here, as its makers published it, and kept for as long as it is good."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

from app.console.files import FOLDER, POLICY, Files
from tests.console.asking import Client

_FIRST_VIEW = 100_000  # bytes of script, unpacked
_PUBLISHED = {
    '"./preact.js"': '"preact"',
    '"./hooks.js"': '"preact/hooks"',
    '"./signals-core.js"': '"@preact/signals-core"',
}
_IMPORT = re.compile(r"""(?:import|export)[^;'"`]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)""")
_OWN = sorted(path for path in FOLDER.rglob("*.*") if "vendor" not in path.parts)


def _imports(path: Path, *, lazily: bool) -> set[Path]:
    """Of a module; `lazily` those that are loaded later, too."""
    found = _IMPORT.findall(path.read_text())
    return {(path.parent / (now or later)).resolve() for now, later in found if now or lazily}


def _reached(start: Path, *, lazily: bool) -> set[Path]:
    seen, waiting = set[Path](), {start}
    while waiting:
        path = waiting.pop()
        seen.add(path)
        waiting |= _imports(path, lazily=lazily) - seen
    return seen


@pytest.fixture
def page(client: Client) -> httpx.Response:
    return client.get("/console")


def test_the_page_lets_in_nothing_else(client: Client, page: httpx.Response):
    for path in ("/console", "/console/", "/console/orders/1?view=rosetta", "/console/as-you-like"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, page.text), path
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")
    expected = {
        "Cache-Control": "no-cache",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert {name: page.headers[name] for name in expected} == expected
    assert not re.search(r"<script(?![^>]* src=)|<style|style=|\son\w+=", page.text), "written into the page itself"


def test_files_are_kept_for_ever_and_the_page_is_asked_for_again(client: Client, page: httpx.Response):
    [script] = re.findall(r'<script type="module" src="([^"]+)"', page.text)
    answer = client.get(script)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text == (FOLDER / "app.js").read_text()
    plain = client.get(script, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == answer.content
    for path, held in ((script, answer), ("/console", page)):
        same = client.get(path, headers={"If-None-Match": held.headers["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert client.head(path).headers["ETag"] == held.headers["ETag"]
    assert len(Files().version) == 16


@pytest.mark.parametrize(
    "path", ["assets", "assets/", "assets/{v}", "assets/{v}/none.js", "assets/{v}/index.html", "assets/old/app.js",
             "assets/{v}/../../face.py", "assets/{v}/..%2f..%2fface.py"]
)  # fmt: skip
def test_what_is_not_there(client: Client, path: str):
    """A page of an older version does not get halves of a newer one."""
    answer = client.get(f"{client.base_url}/console/{path.format(v=Files().version)}")
    assert answer.status_code == 404 or "def build" not in answer.text
    assert client.build_request("GET", "/console/x").url.path == "/console/x"
    if "face.py" not in path:
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")


def test_the_first_view_is_light():
    first = _reached(FOLDER / "app.js", lazily=False) | _reached(FOLDER / "pages" / "orders.js", lazily=False)
    size = sum(path.stat().st_size for path in first)
    assert size < _FIRST_VIEW, f"{size} bytes of script"
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in first) < _FIRST_VIEW / 2
    assert not [path for path in first if path.name == "uplot.js"]


def test_what_is_preloaded_is_what_the_start_needs():
    named = re.findall(r'modulepreload" href="\{assets\}/([^"]+)"', (FOLDER / "index.html").read_text())
    assert {FOLDER / name for name in named} == _reached(FOLDER / "app.js", lazily=False) - {FOLDER / "app.js"}


def test_every_module_is_there_and_used():
    scripts = {path.resolve() for path in FOLDER.rglob("*.js")}
    used = _reached(FOLDER / "app.js", lazily=True)
    assert used <= scripts
    assert {path.name for path in scripts - used} <= {"uplot.js"}


@pytest.mark.parametrize("path", _OWN, ids=lambda path: path.name)
def test_nothing_is_from_elsewhere(path: Path):
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.[a-z]|@import|eval\(|new Function|innerHTML|dangerouslySet", text)
    assert len(text.splitlines()) <= 450, "too long"
    if path.suffix == ".js":
        assert len(text.splitlines()) <= 300, "too long"
        assert text.startswith("//"), "says nothing of itself"


def test_libraries_are_as_published():
    """Modules name each other by file where there is no build step, and uPlot is given an export: nothing else."""
    vendor = FOLDER / "vendor"
    listed = json.loads((vendor / "vendored.json").read_text())["files"]
    assert {each["file"] for each in listed} | {"vendored.json", "LICENCES.txt"} == {p.name for p in vendor.iterdir()}
    licences = (vendor / "LICENCES.txt").read_text()
    for each in listed:
        text = (vendor / each["file"]).read_text()
        if each["file"] == "uplot.js":
            text = text.removesuffix("export default uPlot;\n")
        for ours, theirs in _PUBLISHED.items():
            text = text.replace(f"from{ours}", f"from{theirs}")
        assert hashlib.sha256(text.encode()).hexdigest() == each["sha256"], each["file"]
        assert f"{each['package']} {each['version']}\n" in licences
