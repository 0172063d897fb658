"""A request as people write it: for a shell, in Python, in JavaScript; with nothing to install."""

import json
import shlex
from collections.abc import Callable, Mapping
from typing import Any

_STEP = "  "


def curl(method: str, url: str, headers: Mapping[str, str], body: Any = None, *, between: str = " ") -> str:
    parts = [["curl", "-s", "-X", method, url]]
    parts += [["-H", f"{name}: {value}"] for name, value in headers.items()]
    if body is not None:
        parts += [["-H", "Content-Type: application/json"], ["-d", json.dumps(body, ensure_ascii=False)]]
    return between.join(shlex.join(part) for part in parts)


def python(method: str, url: str, headers: Mapping[str, str], body: Any = None) -> str:
    lines = [
        "import json",
        "from urllib.request import Request, urlopen",
        "",
        "request = Request(",
        f"    {_text(url)},",
        f"    method={_text(method)},",
        f"    headers={_literal(_typed(headers, body), _python_word, 1, _STEP * 2)},",
        *([] if body is None else [f"    data=json.dumps({_literal(body, _python_word, 1, _STEP * 2)}).encode(),"]),
        ")",
        "with urlopen(request) as answer:",
        "    print(json.dumps(json.load(answer), indent=2))",
    ]
    return "\n".join(lines)


def javascript(method: str, url: str, headers: Mapping[str, str], body: Any = None) -> str:
    lines = [
        f"const answer = await fetch({_text(url)}, {{",
        f"  method: {_text(method)},",
        f"  headers: {_literal(_typed(headers, body), _json_word, 1, _STEP)},",
        *([] if body is None else [f"  body: JSON.stringify({_literal(body, _json_word, 1, _STEP)}),"]),
        "});",
        "console.log(JSON.stringify(await answer.json(), null, 2));",
    ]
    return "\n".join(lines)


def _typed(headers: Mapping[str, str], body: Any) -> Mapping[str, str]:
    return headers if body is None else {**headers, "Content-Type": "application/json"}


def _literal(value: Any, word: Callable[[Any], str], depth: int, step: str) -> str:
    """What both languages have in common; short lists and objects stay on one line."""
    if isinstance(value, Mapping):
        parts = [f"{_text(key)}: {_literal(held, word, depth + 1, step)}" for key, held in value.items()]
        return _wrapped("{", "}", parts, depth, step)
    if isinstance(value, list | tuple):
        return _wrapped("[", "]", [_literal(held, word, depth + 1, step) for held in value], depth, step)
    return word(value)


def _wrapped(first: str, last: str, parts: list[str], depth: int, step: str) -> str:
    line = f"{first}{', '.join(parts)}{last}"
    if len(line) <= 60 and "\n" not in line:
        return line
    inner = "".join(f"{step * (depth + 1)}{part},\n" for part in parts)
    return f"{first}\n{inner}{step * depth}{last}"


def _python_word(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(value)
    if (
        isinstance(value, str)
        and "\n" in value
        and "\\" not in value
        and '"""' not in value
        and not value.endswith('"')
    ):
        return f'"""{value}"""'
    return _json_word(value, lines=False)


def _json_word(value: Any, *, lines: bool = True) -> str:
    if lines and isinstance(value, str) and "\n" in value and not {"`", "\\"} & {*value} and "${" not in value:
        return f"`{value}`"
    return _text(value)


def _text(value: Any) -> str:
    """JSON is written alike in both, but for three words and two separators that old JavaScript takes for line ends."""
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
