"""axe-core, which judges whether a page is for everybody. No test and no fixture is here."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "node" / "node_modules" / "axe-core" / "axe.min.js"
_JUDGE = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"


def judge(page: Page) -> None:
    page.evaluate(AXE.read_text())
    told = page.evaluate(_JUDGE)
    assert len(told["passes"]) > 10
    wrong = [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in told["violations"]]
    assert not wrong, f"{page.url}: {wrong}"
