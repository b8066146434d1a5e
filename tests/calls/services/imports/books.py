"""Workbooks for tests, written by hand: no library of ours writes them."""

import io
import struct
import zipfile
from datetime import date
from typing import Any

_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(**sheets: list[list[Any]]) -> bytes:
    """A small workbook. Cells: text, number, or a date (which is a number with a style)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in _parts(sheets).items():
            archive.writestr(path, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return file.getvalue()


def _parts(sheets: dict[str, list[list[Any]]]) -> dict[str, str]:
    numbered = list(enumerate(sheets.items(), start=1))
    names = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, (name, _) in numbered
    )
    links = "".join(
        f'<Relationship Id="r{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in numbered
    )
    styles = (
        '<numFmts count="0"/><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    )
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{links}'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}">{styles}</styleSheet>',
        **{
            f"xl/worksheets/sheet{at}.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>'
            f"{''.join(map(_row, rows, range(1, len(rows) + 1)))}</sheetData></worksheet>"
            for at, (_, rows) in numbered
        },
    }


def _row(cells: list[Any], number: int) -> str:
    told = (_cell(cell, f"{chr(65 + at)}{number}") for at, cell in enumerate(cells))
    return f'<row r="{number}">{"".join(told)}</row>'


def _cell(value: Any, place: str) -> str:
    if isinstance(value, date):
        days = (value - date(1899, 12, 30)).days  # so Excel counts
        return f'<c r="{place}" s="1"><v>{days}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def ods(rows: list[list[str]]) -> bytes:
    """A small spreadsheet of texts as LibreOffice saves it."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = "".join(
        f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in rows
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0"'
        f' xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="Лист1">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def xls(rows: list[list[str | float]]) -> bytes:
    """A workbook of the old kind (BIFF8 inside an OLE file): texts and numbers."""
    cells = b"".join(
        _old_cell(row, column, value)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    )
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells
    begin = _record(0x0809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0))
    name = "Sheet".encode("utf-16-le")
    about = struct.pack("<BB", 0, 0) + struct.pack("<BB", 5, 1) + name
    end = _record(0x0A, b"")
    where = len(begin) + 4 + 4 + len(about) + len(end)
    globals_ = begin + _record(0x85, struct.pack("<I", where) + about) + end
    return _ole(globals_ + sheet + end)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _old_cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        told = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
        return _record(0x0204, place + told)
    return _record(0x0203, place + struct.pack("<d", value))


def _ole(stream: bytes) -> bytes:
    """One stream «Workbook» in an OLE file: a header, one table of sectors, one directory."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    size = max(4096, -(-len(stream) // 512) * 512)  # a smaller one would need a table of its own
    sectors = size // 512
    chain = [0xFFFFFFFD, end, *range(3, 2 + sectors), end]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
        + struct.pack("<109I", 0, *[free] * 108)
    )
    directory = _entry("Root Entry", 5, 1, end, 0) + _entry("Workbook", 2, free, 2, size)
    return header + table + directory + bytes(256) + stream.ljust(size, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    words = name.encode("utf-16-le")
    none = 0xFFFFFFFF
    told = words.ljust(64, b"\0") + struct.pack(
        "<HBBIII", len(words) + 2, kind, 1, none, none, child
    )
    return told + bytes(36) + struct.pack("<IQ", start, size)
