"""The page on steps says what a walk shows."""

from tests.dialects.server import Server
from tests.dialects.steps import PAGE, page


def test_the_page_is_what_a_walk_shows(sqlite_server: Server) -> None:
    assert PAGE.read_text() == page(sqlite_server), "write it anew: python -m tests.dialects.steps"
