"""The program's own source files, and what is in them; no test is here."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"


def sources(*folders: str) -> list[Path]:
    """Every Python file of the folders, given from the repository's root."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def functions(text: str) -> Iterator[tuple[str, int]]:
    """(name, lines) of every function, without its decorators; nested ones count on their own, too."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))
