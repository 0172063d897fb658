"""`python -m tests.dialects.errors_page` writes docs/errors.md: every refusal and fault, as each dialect words it.
No test and no fixture is here."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

from app.core import refusal
from app.core.refusal import Code, Refusal
from app.web.contract import all_problems
from app.web.dialect import Dialect, discover
from app.web.faults import Problem
from tests.dialects.layout import steady
from tests.house.sources import ROOT

PAGE = ROOT / "docs/errors.md"
_BEFORE = frozenset({Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.TENANT_INACTIVE, Code.RATE_LIMITED})
"""What is found out before GraphQL runs."""
_FACTS = dict(re.findall(r'= "(\w+)"  # facts: (.*)', Path(refusal.__file__).read_text()))
_INTRO = """\
# Errors

Written by `python -m tests.dialects.errors_page` from what each dialect's `errors.py` answers; a test compares. Not to be edited by hand.

The core refuses with one of these codes, and every dialect words it in its own way. The code itself is in the log (`outcome`), in the metric `dragoman_requests_total`, and in `code` of the native API's answers. Numbers and names in the texts are examples. Of a GraphQL answer the entry of `errors` is shown. The codes from `malformed_body` on are about requests of which no command was made; some name what was wrong.
"""  # noqa: E501 - a paragraph of Markdown is a line


def page() -> str:
    return _INTRO + "".join(_section(_only_its_facts(problem)) for problem in all_problems())


def _only_its_facts(problem: Problem) -> Problem:
    """A refusal with the facts that the core's list says it has, and no other."""
    if not isinstance(problem, Refusal):
        return problem
    told = _FACTS.get(problem.code.value, "")
    facts = {**problem.facts, "at": "approved", "hours": 336, "state": "delivered"}
    return Refusal(problem.code, **{name: fact for name, fact in facts.items() if re.search(rf"\b{name}\b", told)})


def _section(problem: Problem) -> str:
    rows = "".join(f"| {dialect.name} | {_row(dialect, problem)} |\n" for dialect in discover())
    return f"\n## {problem.code.value}\n\n| Dialect | Status | Answer |\n| --- | --- | --- |\n{rows}"


def _row(dialect: Dialect, problem: Problem) -> str:
    errors = importlib.import_module(f"app.dialects.{dialect.name}.errors")
    reply = errors.render(problem)
    status, body = reply.status, json.loads(reply.body)
    if hasattr(errors, "show"):
        inside = isinstance(problem, Refusal) and problem.code not in _BEFORE
        if inside or problem.code in getattr(errors, "TOLD", ()):
            status, body = 200, _entry(errors.show(problem))
    return f"{status} | `{steady(json.dumps(body, ensure_ascii=False)).replace('|', chr(92) + '|')}`"


def _entry(shown: Any) -> Any:
    return {"message": shown.message, "extensions": {"code": shown.code, **shown.more}}


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
