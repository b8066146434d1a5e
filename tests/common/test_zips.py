"""Zips that are written while they are read."""

import io
import zipfile
from datetime import datetime

from obzvon_site.common.zips import zipped

AT = datetime(2026, 11, 24, 14, 41)  # noqa: DTZ001  # a zip knows no zones


def opened(entries) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(entries))))


def test_what_goes_in_comes_out():
    archive = opened([("а.txt", AT, [b"one ", b"two"]), ("b.bin", AT, [])])
    assert archive.testzip() is None
    assert archive.namelist() == ["а.txt", "b.bin"]
    assert archive.read("а.txt") == b"one two"
    assert archive.getinfo("b.bin").date_time == (2026, 11, 24, 14, 41, 0)


def test_nothing_is_read_before_it_is_wanted():
    read = []

    def content():
        for part in (b"x" * 1000, b"y" * 1000):
            read.append(part)
            yield part

    parts = zipped([("a", AT, content()), ("b", AT, content())])
    while not read:
        next(parts)
    assert len(read) == 1


def test_a_zip_of_nothing_is_a_zip():
    assert opened([]).namelist() == []
