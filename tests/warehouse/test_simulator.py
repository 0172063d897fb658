"""The simulator does what its location, or an order's own metadata, tells it to."""

from datetime import timedelta

import pytest

from app.core.refusal import Code, Refusal
from app.service.connectors import Word
from app.service.work import Later
from app.warehouse.simulator import Simulator
from tests.warehouse.asking import Asking, asked

NO = "Refused by the simulator"


def told(settings: dict | None = None, simulate: object = None, *, later: float = 0) -> Asking:
    metadata = {} if simulate is None else {"simulate": simulate}
    return Asking(asked(metadata=metadata), settings or {}, timedelta(seconds=later))


async def words(asking: Asking) -> list[Word]:
    return list(await Simulator().ask(asking.question()))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, [Word(True)]),
        ({"behaviour": "accept", "message": "put back"}, [Word(True, "put back")]),
        ({"behaviour": "refuse"}, [Word(False, NO)]),
        ({"behaviour": "refuse", "message": "already packed"}, [Word(False, "already packed")]),
        ({"behaviour": "silent"}, []),
        ({"behaviour": "twice"}, [Word(True), Word(True)]),
        ({"behaviour": "contradict"}, [Word(True), Word(False, NO)]),
    ],
)
async def test_what_the_location_says(settings, said):
    assert await words(told(settings)) == said


@pytest.mark.parametrize(
    ("simulate", "said"),
    [
        ("refuse", [Word(False, NO)]),
        ("accept", [Word(True)]),
        ({"behaviour": "refuse", "message": "no box"}, [Word(False, "no box")]),
        ({"message": "gladly"}, [Word(True, "gladly")]),
        ("silent", []),
    ],
)
async def test_an_order_goes_before_its_location(simulate, said):
    assert await words(told({"behaviour": "accept", "message": "as set"}, simulate)) == said


async def test_it_answers_late():
    with pytest.raises(Later) as later:
        await words(told({"behaviour": "refuse", "delay": 30}, later=10))
    assert later.value.seconds == 20

    assert await words(told({"behaviour": "refuse", "delay": 30}, later=30)) == [Word(False, NO)]


async def test_an_order_can_be_late_by_itself_and_not_for_ever():
    with pytest.raises(Later) as later:
        await words(told({}, {"delay": 1e12}))
    assert later.value.seconds == 86_400


@pytest.mark.parametrize("simulate", ["fax", {"behaviour": "fax"}, {"behaviour": 7}, {"delay": "soon"}, 7, ["refuse"]])
async def test_what_it_does_not_understand_comes_back_in_words(simulate):
    (word,) = await words(told({}, simulate))

    assert not word.accepted
    assert word.message is not None
    assert word.message.startswith("Simulator: ")
    assert "accept, refuse, silent, twice, contradict" in word.message


async def test_nobody_calls_back_for_it():
    with pytest.raises(Refusal) as no:
        await Simulator().hear(told().call_back(b"{}", {}))
    assert no.value.code is Code.LOCATION_NOT_FOUND
