"""`dragoman import orders.csv`: a row a line, the order's columns repeated; what is wrong is told by row and column."""

import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from app import columns, sheet
from tests.cli.program import ROOT, refused, run
from tests.cli.reading import count, new_tenant, orders

_HEADER = "number,currency,line.sku,line.quantity,line.unit_price"
_FULL = """\
number;placed_at;currency;customer.name;shipping_address.city;prices_include_tax;payment.status;fee.shipping;\
keys.shopline;tags;metadata.channel;;line.sku;line.title;line.quantity;line.unit_price;line.tax_rate;\
line.keys.convictional
1001;2026-01-31T12:00:00+01:00;EUR;Ada, Countess;Amsterdam;TRUE;paid;595;\
S-1;"gift, fragile";web;;MUG;"Red; large";2;1250;0.21;L-1
1001;;;;;;;;;;;;TEA;Green;1;800;;L-2

1002;;JPY;Bob;Utrecht;false;;;;;;;MUG;;1;1250;;
;;EUR;;;;;;;;;;MUG;;1;1;;
;;EUR;;;;;;;;;;MUG;;1;1;;
"""


def test_a_sheet_as_a_spreadsheet_program_saves_it(database_url: str, tmp_path: Path) -> None:
    """With a byte order mark, semicolons and CRLF. A second time nothing is new, from standard input either."""
    tenant, file = new_tenant(database_url), tmp_path / "orders.CSV"
    file.write_bytes(b"\xef\xbb\xbf" + _FULL.replace("\n", "\r\n").encode())
    done = run("import", str(file), "--tenant", tenant, database_url=database_url)
    assert (done.stdout, done.stderr) == ("4 created, 0 there already, 0 rejected\n", "")
    again = run("import", "-", "--format", "csv", "--tenant", tenant, database_url=database_url, stdin=_FULL)
    assert (again.stdout, again.stderr) == ("0 created, 4 there already, 0 rejected\n", "")
    found = {each.number: each for each in orders(database_url, tenant)}
    first = found["1001"]
    assert (first.customer.name, first.prices_include_tax, first.tags) == ("Ada, Countess", True, ("gift", "fragile"))
    assert (first.keys, first.metadata, first.payment.status) == ({"shopline": "S-1"}, {"channel": "web"}, "paid")
    assert (first.placed_at.isoformat(), first.fees[0].amount) == ("2026-01-31T11:00:00+00:00", 595)
    assert first.shipping_address is not None
    assert first.shipping_address.city == "Amsterdam"
    lines = [(line.sku, line.title, line.quantity, line.unit_price, line.tax_rate, line.keys) for line in first.lines]
    assert lines == [
        ("MUG", "Red; large", 2, 1250, Decimal("0.21"), {"convictional": "L-1"}),
        ("TEA", "Green", 1, 800, 0, {"convictional": "L-2"}),
    ]
    assert (found["1002"].currency, found["1002"].prices_include_tax) == ("JPY", False)


_ROWS = """\
number,currency,customer.name,fee.other,prices_include_tax,line.sku,line.quantity,line.unit_price,line.parent_id
1,EUR,Ada,,,A,1,100,
2,EUR,Ada,,,A,0,100,
2,EUR,Ada,,,B,-2,100,
3,EUR,Ada,,,A,two,1.50,
3,EUR,Eve,5.95,,B,1,100,
4,EUR,Ada,,perhaps,A,1,100,
1,EUR,Ada,,,B,1,100,
5,EUR,Ada,,,A,1,100,,more
6,EUR,Ada,,,A,1,100,
6,EUR,Ada,,,B,1,100,nobody
7,euro,Ada,9999999999999,,A,1,100,
8,EUR,Ada,,,,,,
9,EUR,Ada,,,,,,
9,EUR,Ada,,,,1,,
"""


def test_what_is_wrong_is_told_by_row_and_column(sqlite_url: str, tmp_path: Path) -> None:
    """An order is taken as a whole or not at all; 8 is one without lines, which there may be."""
    tenant, file = new_tenant(sqlite_url), tmp_path / "orders.csv"
    file.write_text(_ROWS)
    done = run("import", str(file), "--tenant", tenant, database_url=sqlite_url)
    assert done.stderr.splitlines() == [
        "row 3: invalid_request: line.quantity: input should be greater than or equal to 1",
        "row 4: invalid_request: line.quantity: input should be greater than or equal to 1",
        "row 5: invalid_request: line.quantity: must be a whole number; "
        "line.unit_price: must be a whole number of minor units: 1250 for 12.50",
        "row 6: invalid_request: customer.name: is not as in row 5, of the same order; "
        "fee.other: is not as in row 5, of the same order",
        "row 7: invalid_request: prices_include_tax: must be true or false",
        "row 8: invalid_request: number: rows of one order must follow one another",
        "row 9: invalid_request: has more cells than the header: is a text with a comma not in quotes?",
        "row 11: invalid: line.parent_id: no line has this id.",
        "row 12: invalid_request: currency: string should match pattern '^[A-Z]{3}$'; "
        "fee.other: input should be less than or equal to 1000000000000",
        "row 15: invalid_request: line.sku: field required; line.unit_price: field required",
    ]
    assert (done.stdout, done.returncode) == ("2 created, 0 there already, 8 rejected\n", 1)
    assert sorted(each.number for each in orders(sqlite_url, tenant)) == ["1", "8"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "row 1: these columns are missing: currency, line.sku, line.quantity, line.unit_price; nothing was"),
        (b"number,qty\n", "row 1: there is no column 'qty'; nothing was imported"),
        (b"quantity,currency\n", "row 1: there is no column 'quantity', but 'line.quantity'; nothing was imported"),
        (b"line.vendor\n", "row 1: there is no column 'line.vendor'; nothing was imported"),
        (b"custommer.name\n", "row 1: there is no column 'custommer.name', but 'customer.name'; nothing was imported"),
        (b"number,number\n", "row 1: the column 'number' is there twice; nothing was imported"),
        (_HEADER.encode("utf-16"), "line 1: is not UTF-8; a spreadsheet program can save a file so; nothing was"),
        (f"{_HEADER}\n1,EUR,{'A' * 3000},1,1\n".encode(), "line 2: is longer than 2000 bytes; nothing was imported"),
    ],
)
def test_a_sheet_that_cannot_be_read(text: bytes, told: str) -> None:
    with pytest.raises(sheet.BadSheet) as bad:
        next(sheet.orders(BytesIO(text), 2_000))
    assert str(bad.value).startswith(told)


def test_nothing_of_a_sheet_with_an_unknown_column_is_imported(sqlite_url: str, tmp_path: Path) -> None:
    tenant, file = new_tenant(sqlite_url), tmp_path / "orders.csv"
    file.write_text(f"{_HEADER},qty\n1,EUR,A,1,100,1\n")
    line = refused(run("import", str(file), "--tenant", tenant, database_url=sqlite_url))
    assert line == f"{file}: row 1: there is no column 'qty'; nothing was imported"
    assert count(sqlite_url, tenant) == 0


def test_a_sheet_that_breaks_off(sqlite_url: str, tmp_path: Path) -> None:
    """What was read before is taken, except for the order that may go on in the row that cannot be read."""
    tenant, file = new_tenant(sqlite_url), tmp_path / "orders.csv"
    file.write_text(f'{_HEADER}\n1,EUR,A,1,100\n2,EUR,A,1,100\n2,EUR,"B"2,1,100\n3,EUR,A,1,100\n')
    done = run("import", str(file), "--tenant", tenant, database_url=sqlite_url)
    assert done.stdout == "1 created, 0 there already, 0 rejected\n"
    assert "row 4: ',' expected after '\"'; nothing past row 2 was imported" in done.stderr
    assert (done.returncode, count(sqlite_url, tenant)) == (1, 1)


def test_the_page_lists_every_column() -> None:
    page = (ROOT / "docs/import.md").read_text()
    told = {name for row in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    there = {f"{name}.…" if kind == "object" else name for name, kind in columns.kinds().items()}
    assert told == there
