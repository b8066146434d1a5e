"""Cells for spreadsheet programs."""

import pytest

from obzvon_site.common.sheets import as_csv


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+7 (900) 000-00-0", "+7 (900) 000-00-0"),
        ("Анна; Пётр", '"Анна; Пётр"'),
    ],
)
def test_a_spreadsheet_takes_no_cell_for_a_formula(text, written):
    assert list(as_csv([[text]])) == ["\ufeff", f"{written}\r\n"]
