"""The programs of examples/webhooks, run as receivers run them, and `python -m tests.examples.verifying`, which writes
docs/verify.md from them. No test and no fixture is here."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.dialects import folders
from tests.house.sources import ROOT

FOLDER = ROOT / "examples/webhooks"
PAGE = ROOT / "docs/verify.md"
NODE = shutil.which("node")
LANGUAGES = {"py": ("Python", "python"), "mjs": ("JavaScript", "javascript"), "php": ("PHP", "php"), "go": ("Go", "go")}
SIGNED: Mapping[str, tuple[str, str]] = {
    "native": (
        "Native",
        "[Standard Webhooks](https://www.standardwebhooks.com): base64 of HMAC-SHA256 over id, time and body, in "
        "`webhook-signature`. The secret is `whsec_` and the key in base64. Any library for it does this, too.",
    ),
    "convictional": (
        "Convictional",
        "Hexadecimal HMAC-SHA256 over time and body, one for each secret that has not expired, after the time in "
        "`Convictional-Signature`.",
    ),
    "shopline": (
        "Shopline",
        "Base64 of HMAC-SHA256 over the body, in `X-Shoplazza-Hmac-Sha256`. The secret is the last part of the key "
        "that made the webhook. There is no time in it: remember ids.",
    ),
    "shopline_admin": (
        "SHOPLINE Admin",
        "Lower-case hexadecimal HMAC-SHA256 over the body, in `X-Shopline-Hmac-Sha256`. The secret is the last part of "
        "the key that made the webhook. There is no time in it: remember ids.",
    ),
    "happycolis": (
        "HappyColis",
        "Base64 of HMAC-SHA256 over the body, in `x-happycolis-webhook-signature`. The secret is the client secret of "
        "the application that made the webhook. There is no time in it: remember ids.",
    ),
    "afosto": (
        "Afosto",
        "Hexadecimal HMAC-SHA256 over the body, in `X-Afosto-Hmac-Sha256`. There is no time in it: remember ids.",
    ),
}
_INTRO = """\
# Verify webhooks

Written by `python -m tests.examples.verifying` from `examples/webhooks/`; a test compares. Not to be edited by hand. Those in Python and JavaScript are run by the tests, on messages that a server really sent.

Always over the raw body, before any parsing, and compared in constant time. A receiver that answers 2xx to what it cannot verify loses it; answer 400, and the message is [tried again](webhooks.md#retries-and-disabling).
"""  # noqa: E501 - a paragraph of Markdown is a line


def page() -> str:
    return _INTRO + "".join(_section(name, *told) for name, told in SIGNED.items())


def _section(name: str, title: str, about: str) -> str:
    parts = [f"\n## {title}\n\n{about}\n"]
    for kind, (language, marked) in LANGUAGES.items():
        text = (FOLDER / name / f"verify.{kind}").read_text()
        parts.append(f"\n### {title} in {language}\n\n```{marked}\n{text}```\n")
    return "".join(parts)


def _program(name: str) -> str:
    """The one in Python: in the folder, else on the dialect's own page."""
    path = FOLDER / name / "verify.py"
    if path.exists():
        return path.read_text()
    [found] = re.findall(r"```python\n(.*?)```", (ROOT / folders.page(name)).read_text(), re.DOTALL)
    return str(found)


def in_python(name: str, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """`ok`, or what is wrong."""
    names: dict[str, Any] = {}
    exec(_program(name), names)  # noqa: S102 - it is our own program
    try:
        names["verify"](secret, headers, body)
    except ValueError as error:
        return str(error)
    return "ok"


def in_javascript(name: str, secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """The same; Node gives headers in lower case, and the body as bytes."""
    assert NODE is not None
    given = json.dumps([secret, {key.lower(): value for key, value in headers.items()}, body.decode()])
    program = (
        f"import {{ verify }} from {json.dumps((FOLDER / name / 'verify.mjs').as_uri())};\n"
        "const [secret, headers, body] = JSON.parse(process.argv[1]);\n"
        "try { verify(secret, headers, Buffer.from(body)); console.log('ok'); }\n"
        "catch (error) { console.log(error.message); }\n"
    )
    command = [NODE, "--input-type=module", "-e", program, given]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip()


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
