"""Rows of a text file: nothing is lost, wherever a block ends and however badly it is quoted."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.services.imports.reading import MAX_LINES_A_ROW, Reader


def read(text: str | bytes, size: int = 1 << 20, encoding: str = "utf-8", separator: str = ";"):
    """All rows with their lines, where the file ended, and how many lines it had."""
    raw = text.encode(encoding) if isinstance(text, str) else text
    reader = Reader(io.BytesIO(raw), encoding, separator)
    cursor = line = 0
    rows = []
    while True:
        block = reader.block(cursor, line, size)
        if block.cursor == cursor:
            return rows, cursor, line
        rows += zip(block.lines, block.rows, strict=True)
        cursor, line = block.cursor, block.line


MESSY = '\ufeffтел;имя\n1;a\r\n2;"b\nc;d"\n\n;;\n"Ромашка;3\n4;"x"" y"\n5;z"q"\n"ООО" мы;6\n7;last'


def test_rows_have_the_numbers_of_their_lines():
    rows, cursor, line = read(MESSY)
    assert rows == [
        (1, ["тел", "имя"]),
        (2, ["1", "a"]),
        (3, ["2", "b\nc;d"]),
        (7, ['"Ромашка', "3"]),
        (8, ["4", 'x" y']),
        (9, ["5", 'z"q"']),
        (10, ['"ООО" мы', "6"]),
        (11, ["7", "last"]),
    ]
    assert cursor == len(MESSY.encode())
    assert line == 11


@pytest.mark.parametrize("size", [1, 3, 7, 20, 35, 60])
def test_it_does_not_matter_where_a_block_ends(size):
    assert read(MESSY, size) == read(MESSY)


def test_a_quote_that_is_never_closed_costs_no_rows():
    lines = ['"Ромашка;79120000000', *(f"имя;7912000{n:04d}" for n in range(1, 300))]
    rows, _, line = read("\n".join(lines), 500)
    assert [number for number, _ in rows] == list(range(1, 301))
    assert line == 300


def test_a_cell_may_go_on_for_some_lines_but_not_for_ever():
    for lines in (MAX_LINES_A_ROW, MAX_LINES_A_ROW + 1):
        rows, _, _ = read('1;"' + "x\n" * (lines - 1) + 'x"\n2;y\n')
        assert (len(rows) == 2) == (lines == MAX_LINES_A_ROW)


def test_two_stray_quotes_do_not_swallow_the_row_between():
    rows, _, _ = read('"Ромашка;1\n"Василёк;2\n')
    assert [cells[1] for _, cells in rows] == ["1", "2"]


def test_bytes_that_are_no_letters_are_replaced():
    rows, _, line = read(b"1;\xff\xd0\n2;\x00\xd0\xb0\n")
    assert rows == [(1, ["1", "��"]), (2, ["2", "а"])]
    assert line == 2


def test_rows_without_a_letter_are_passed_over_and_counted():
    rows, _, line = read('\n; ;\n"";""\n1;2\n\n')
    assert rows == [(4, ["1", "2"])]
    assert line == 5


@given(
    st.lists(
        st.lists(
            st.text(
                st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=8
            ),
            min_size=1,
            max_size=4,
        ),
        max_size=20,
    ),
    st.integers(1, 80),
)
def test_what_csv_writes_is_read_as_it_was(rows, size):
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    found, cursor, _ = read(text.getvalue(), size)
    kept = [row for row in rows if any(cell.strip('; \t\n\xa0\ufeff"') for cell in row)]
    if not (rows and rows[0] and rows[0][0].startswith("\ufeff")):
        assert [cells for _, cells in found] == kept
    assert cursor == len(text.getvalue().encode())


@given(st.text(st.sampled_from('";\n\rab1 '), max_size=200), st.integers(1, 50))
def test_any_text_is_read_to_its_end_and_alike_in_pieces(text, size):
    assert read(text, size) == read(text)
