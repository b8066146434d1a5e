"""One sheet of a spreadsheet as CSV, in a process of its own.

The reader loads a sheet whole, and a file of one kilobyte can ask it for more memory than there
is: then it takes its process with it. So it is this one, with a limit, and not the server's.
Without Django, so that it starts at once.
"""

import csv
import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine

MEMORY = 2 * 1024**3  # bytes of addresses; a million rows of ten columns take half
SEPARATOR = "\t"
PIECE = 1000  # rows
TOO_LARGE, UNREADABLE, LOCKED = 3, 4, 5  # exit codes; anything else is a crash


def main(book: str, sheet: str, target: str, most_bytes: int) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        with python_calamine.load_workbook(book) as workbook:
            names = workbook.sheet_names
            found = workbook.get_sheet_by_name(sheet) if sheet in names else first_filled(workbook)
            size = write(found, Path(target), most_bytes)
    except python_calamine.PasswordError:
        return LOCKED
    except MemoryError:
        return TOO_LARGE
    except BaseException as error:  # noqa: BLE001  # a panic of the reader is no Exception
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        return UNREADABLE
    if size is None:
        return TOO_LARGE
    json.dump({"sheets": names, "sheet": found.name}, sys.stdout)
    return 0


def first_filled(workbook: python_calamine.CalamineWorkbook) -> python_calamine.CalamineSheet:
    """The first sheet that is seen and has anything in it, loaded once: that takes the time."""
    for about in workbook.sheets_metadata:
        seen = about.visible == python_calamine.SheetVisibleEnum.Visible
        if seen and about.typ == python_calamine.SheetTypeEnum.WorkSheet:
            sheet = workbook.get_sheet_by_name(about.name)
            if sheet.height:
                return sheet
    return workbook.get_sheet_by_index(0)


def write(sheet: Any, target: Path, most_bytes: int) -> int | None:
    """Write the sheet, a line a row, so that lines have their numbers. None: it is too large."""
    rows = sheet.iter_rows()
    with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
        while piece := list(islice(rows, PIECE)):
            # Nearly every cell is a text of one line: the others are looked for in all at once.
            text = lines_of(
                [[cell if type(cell) is str else text_of(cell) for cell in row] for row in piece]
            )
            if text.count("\n") != len(piece) or "\r" in text or "\0" in text:
                text = lines_of([[text_of(cell) for cell in row] for row in piece])
            file.write(text)
            if file.tell() > most_bytes:
                return None
        return file.tell()


def lines_of(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=SEPARATOR, lineterminator="\n").writerows(rows)
    return text.getvalue()


def text_of(value: Any) -> str:
    """A cell as people would type it, in one line."""
    if isinstance(value, str):
        return " ".join(value.split()).replace("\0", "")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (date, time)):  # a datetime is a date
        return _moment(value)
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02d}"
    return str(value)


def _moment(value: date | time) -> str:
    if isinstance(value, datetime) and value.time() != time():
        return value.strftime("%d.%m.%Y %H:%M")
    return value.strftime("%H:%M" if isinstance(value, time) else "%d.%m.%Y")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
