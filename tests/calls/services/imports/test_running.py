"""Imports that are killed, canceled, taken over or in one another's way."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from calls.models import ContactList, ListImport
from calls.services import importing
from calls.services.imports import running
from tests.calls.makers import NOW
from tests.calls.services.imports.makers import bad, counts_hold, many, small_pieces, started

pytestmark = pytest.mark.django_db
GOOD = "Телефон;Имя;Сумма\n+7 (912) 345-67-89;Иван;100\n89123456780;Анна;2500\n"


def clock():
    return NOW


def dies_after(monkeypatch, pieces: int, error: type[BaseException] = KeyboardInterrupt):
    """The next worker that reads is gone before its next piece is committed."""
    small_pieces(monkeypatch)
    count = iter(range(pieces))
    land = running.landing.land

    def dying(*args):
        landed = land(*args)
        if next(count, None) is None:
            raise error
        return landed

    monkeypatch.setattr(running.landing, "land", dying)
    return lambda: monkeypatch.setattr(running.landing, "land", land)


@pytest.mark.parametrize("pieces", [0, 1, 5])
def test_after_a_death_nothing_is_lost_and_nothing_doubled(monkeypatch, pieces):
    imported = started("Телефон;Имя\n" + many(60) + many(2))
    revive = dies_after(monkeypatch, pieces)
    with pytest.raises(KeyboardInterrupt):
        importing.run_due(clock=clock)
    revive()
    assert importing.run_due(clock=clock) == 0, "the dead worker's lease still holds"
    assert importing.run_due(clock=lambda: NOW + timedelta(minutes=2)) == 1
    imported.refresh_from_db()
    assert (imported.state, imported.rows, imported.added) == ("done", 62, 60)
    assert bad(imported) == [(62, "repeat", 2), (63, "repeat", 3)]
    assert counts_hold(imported.contact_list)


def test_a_busy_database_is_waited_for(monkeypatch, caplog):
    imported = started(many(20))
    revive = dies_after(monkeypatch, 1, OperationalError)
    assert not importing.run(imported, clock=clock)
    revive()
    importing.run_due(clock=lambda: NOW + timedelta(minutes=2))
    imported.refresh_from_db()
    assert (imported.state, imported.added) == ("done", 20)


def test_our_own_mistake_ends_it_with_a_sentence_and_it_may_go_on(monkeypatch, caplog):
    imported = started(many(20))
    revive = dies_after(monkeypatch, 1, ZeroDivisionError)
    assert importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert (imported.state, imported.added > 0) == ("failed", True)
    assert "на нашей стороне" in imported.error
    revive()
    importing.resume(imported, actor=None, now=NOW)
    importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert (imported.state, imported.added, imported.error) == ("done", 20, "")
    with pytest.raises(importing.TooLate):
        importing.resume(imported, actor=None, now=NOW)


def test_a_file_that_is_gone_is_a_sentence(caplog):
    imported = started(GOOD)
    importing.forget_files(imported)
    importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert (imported.state, imported.error) == (
        "failed",
        "Файл не читается: загрузите его ещё раз.",
    )


def between_pieces(monkeypatch, deed):
    """Do something before the second piece is written."""
    small_pieces(monkeypatch)
    part, count = running.Batch.part, iter(range(2))

    def meanwhile(*args):
        if next(count, None) == 1:
            deed()
        return part(*args)

    monkeypatch.setattr(running.Batch, "part", meanwhile)


def test_cancel_takes_effect_within_a_piece(monkeypatch):
    imported = started(many(60))
    between_pieces(monkeypatch, lambda: importing.cancel(imported, actor=None, now=NOW))
    assert importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert (imported.state, 0 < imported.added < 10) == ("canceled", True)
    assert imported.contact_list.contacts.count() == imported.added
    assert counts_hold(imported.contact_list)
    with pytest.raises(importing.TooLate):
        importing.cancel(imported, actor=None, now=NOW)


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(monkeypatch):
    imported = started(many(60))
    other = ListImport.objects.filter(pk=imported.pk)
    between_pieces(monkeypatch, lambda: other.update(lease="another"))
    importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert (imported.state, imported.lease) == ("running", "another")
    assert imported.contact_list.contacts.count() == imported.added < 10


def test_a_list_that_is_removed_meanwhile_gets_no_more_contacts(monkeypatch):
    imported = started(many(60))
    gone = ContactList.objects.filter(pk=imported.contact_list_id)
    between_pieces(monkeypatch, lambda: gone.update(removed_at=NOW))
    assert importing.run(imported, clock=clock)
    assert imported.contact_list.contacts.count() < 10


def test_a_number_added_by_hand_meanwhile_was_in_the_list(monkeypatch):
    imported = started(many(30))
    owner = imported.contact_list
    between_pieces(
        monkeypatch, lambda: importing.add_numbers(owner, "79120000025", actor=None, now=NOW)
    )
    importing.run(imported, clock=clock)
    assert bad(imported) == [(26, "in_list", None)]
    assert counts_hold(owner)


def test_a_pass_is_short_and_the_next_goes_on(monkeypatch):
    small_pieces(monkeypatch)
    imported = started(many(30))
    assert not importing.run(imported, clock=clock, seconds=0)
    assert importing.run_due(clock=clock) == 1
    imported.refresh_from_db()
    assert imported.state == "done"


def test_a_list_is_filled_by_one_file_at_a_time():
    first = started(GOOD)
    second = started(GOOD, contact_list=first.contact_list)
    assert importing.run_due(clock=clock) == 1
    second.refresh_from_db()
    assert second.state == "running"
    importing.run_due(clock=clock)
    second.refresh_from_db()
    assert [reason for _, reason, _ in bad(second)] == ["in_list", "in_list"]
