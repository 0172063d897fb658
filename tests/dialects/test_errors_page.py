"""The page on errors has every code, as each dialect words it."""

from app.core.refusal import Code
from app.web.faults import FaultCode
from tests.dialects.errors_page import PAGE, page


def test_the_page_is_what_the_dialects_say() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.dialects.errors_page"


def test_every_code_is_there() -> None:
    text = PAGE.read_text()
    assert [code for code in (*Code, *FaultCode) if f"\n## {code.value}\n" not in text] == []
