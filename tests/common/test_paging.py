"""Pages by key: every row once, in order, whatever is added meanwhile."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common import paging

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
KEY = ("-at", "-id")


def add(*ats: datetime) -> list[int]:
    pks = []
    for at in ats:
        event = AuditEvent.note(None, "test", "a row")
        AuditEvent.objects.filter(pk=event.pk).update(at=at)
        pks.append(event.pk)
    return pks


def page_after(cursor: str | None, size: int = 2) -> paging.Page[AuditEvent]:
    return paging.page_of(AuditEvent.objects.all(), cursor, size=size, key=KEY)


def walk(size: int) -> list[list[int]]:
    """Ids of all rows, page by page."""
    page = page_after(None, size)
    pages = [page]
    while page.next_cursor:
        page = page_after(page.next_cursor, size)
        pages.append(page)
    assert [page.is_first for page in pages] == [True] + [False] * (len(pages) - 1)
    return [[row.pk for row in page.rows] for page in pages]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 50])
def test_every_row_comes_once_in_order_also_where_moments_are_equal(db, size):
    later = NOW + timedelta(microseconds=1)  # a millisecond is the same
    a, b, c, d, e, f, g = add(NOW, NOW, later, NOW, later, NOW + timedelta(hours=1), NOW)
    pages = walk(size)
    assert [pk for page in pages for pk in page] == [f, e, c, g, d, b, a]
    assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_an_ascending_order_is_walked_the_same_way(db, size):
    a, b, c, d = add(NOW + timedelta(hours=1), NOW, NOW, NOW + timedelta(hours=2))
    found, cursor = [], None
    while cursor != "":
        page = paging.page_of(AuditEvent.objects.all(), cursor, size=size, key=("at", "id"))
        found += [row.pk for row in page.rows]
        cursor = page.next_cursor
    assert found == [b, c, a, d]


def test_an_empty_list_is_one_page(db):
    assert walk(2) == [[]]


def test_rows_added_meanwhile_move_nothing(db):
    old = add(NOW, NOW, NOW)
    first = page_after(None)
    add(NOW + timedelta(hours=1))
    assert [row.pk for row in page_after(first.next_cursor).rows] == [old[0]]


@pytest.mark.parametrize(
    "cursor",
    [
        "%",
        "я",
        "abc",
        "====",
        base64.urlsafe_b64encode(b"{}").decode(),
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b'["yesterday", 5]').decode(),
        base64.urlsafe_b64encode(b'["2026-02-31T00:00:00+00:00", 5]').decode(),
        base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+03:00", 5]').decode(),
        base64.urlsafe_b64encode(b"[5, 5]").decode(),
        base64.urlsafe_b64encode(b'["2026-11-23T09:00:00", 5]').decode(),
        base64.urlsafe_b64encode(b'["2026-11-23T09:00:00+00:00", 99999999999999999999]').decode(),
        base64.urlsafe_b64encode(b'["2026-11-23T09:00:00+00:00", true]').decode(),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_broken_cursor_is_never_an_error(db, cursor):
    pks = add(NOW, NOW)
    page = page_after(cursor)
    assert {row.pk for row in page.rows} <= set(pks)


def test_a_page_costs_one_query(db, django_assert_num_queries):
    add(NOW, NOW, NOW)
    cursor = page_after(None).next_cursor
    with django_assert_num_queries(1):
        page_after(cursor)


def test_a_long_list_is_counted_up_to_a_cap(db, monkeypatch):
    add(NOW, NOW, NOW)
    assert paging.capped_count(AuditEvent.objects.all()) == (3, False)
    monkeypatch.setattr(paging, "COUNT_CAP", 3)
    assert paging.capped_count(AuditEvent.objects.order_by("-at")) == (3, False)
    monkeypatch.setattr(paging, "COUNT_CAP", 2)
    assert paging.capped_count(AuditEvent.objects.all()) == (2, True)
