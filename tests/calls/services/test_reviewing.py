"""Holding and writing reviews: nobody gets what another has, and nothing typed is lost."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from calls.models import Recording, RecordingComment, Review
from calls.services import reviewing
from calls.services.review_queue import Filters
from calls.services.reviewing import LEASE, Conflict, Lost, NotReady, Typed
from obzvon_site.accounts.models import User
from tests.calls.makers import NOW
from tests.calls.reviews import make_heard, make_line
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LATER = NOW + LEASE
GOOD = Typed(mark=5)


@pytest.fixture
def olga():
    return make_user(role="manager", first_name="Ольга", last_name="Седова")


@pytest.fixture
def elena():
    return make_user(role="manager", first_name="Елена", last_name="Смирнова")


def next_for(person, now=NOW, besides=(), **filters):
    found = reviewing.take_next(person, Filters(**filters), now=now, besides=besides)
    return found and found.pk


def finish(person, recording, typed=GOOD, revision=0, now=NOW):
    return reviewing.finish(person, recording.pk, typed, revision=revision, now=now)


# Holding


def test_two_managers_get_two_recordings(olga, elena):
    first, second = make_heard(2), make_heard(1)
    assert next_for(olga) == first.pk
    assert next_for(elena) == second.pk
    assert next_for(make_user(role="manager")) is None


def test_the_same_person_gets_the_same_again_and_the_next_one_beside_it(olga, elena):
    first, second = make_heard(2), make_heard(1)
    assert next_for(olga) == next_for(olga) == first.pk
    assert next_for(olga, besides=[first.pk]) == second.pk
    assert next_for(elena) is None


def test_a_hold_ends_by_itself_unless_it_is_renewed(olga, elena):
    recording = make_heard()
    next_for(olga)
    assert next_for(elena, LATER - timedelta(seconds=1)) is None
    assert reviewing.renew(olga, recording.pk, now=LATER - timedelta(seconds=1))
    assert next_for(elena, LATER) is None
    assert next_for(elena, LATER + LEASE) == recording.pk
    assert reviewing.renew(olga, recording.pk, now=LATER + LEASE) is None


def test_a_hold_that_is_over_is_renewed_when_nobody_wanted_it(olga):
    recording = make_heard()
    next_for(olga)
    assert reviewing.renew(olga, recording.pk, now=LATER + LEASE) == LATER + LEASE + LEASE


def test_what_is_let_go_is_free_at_once(olga, elena):
    recording = make_heard()
    next_for(olga)
    assert reviewing.release(olga, recording.pk)
    assert next_for(elena) == recording.pk
    assert not reviewing.release(olga, recording.pk)
    assert reviewing.holder_of(recording.pk, now=NOW) == elena
    assert reviewing.holder_of(recording.pk, now=LATER) is None


def test_a_late_release_does_not_end_a_newer_hold(olga, elena):
    recording = make_heard()
    until = reviewing.take(olga, recording.pk, now=NOW)
    reviewing.take(olga, recording.pk, now=NOW + timedelta(seconds=3))
    assert not reviewing.release(olga, recording.pk, until)
    assert next_for(elena) is None


def test_what_was_reviewed_between_looking_and_taking_is_not_taken(olga, elena):
    recording = make_heard()
    next_for(elena)
    finish(elena, recording)
    assert reviewing.take(olga, recording.pk, now=NOW) is None
    recording.refresh_from_db()
    assert recording.leased_by is None
    assert reviewing.take(olga, recording.pk, now=NOW, is_second=True)


def test_there_is_a_next_one_even_when_others_were_faster_at_a_whole_batch(olga, monkeypatch):
    rows = [make_heard(number) for number in range(3)]
    monkeypatch.setattr(reviewing, "BATCH", 1)
    real, refused = reviewing.take, []

    def slow(person, pk, **how):
        if len(refused) < 2:
            refused.append(pk)
            return None
        return real(person, pk, **how)

    monkeypatch.setattr(reviewing, "take", slow)
    assert next_for(olga) == rows[0].pk


# Writing


def test_a_draft_is_kept_with_its_score(olga):
    recording = make_heard()
    polite, sold, other = make_line(weight=1), make_line(weight=3), make_line(weight=2)
    next_for(olga)
    answers = {str(polite.pk): "yes", str(sold.pk): "no", str(other.pk): "na"}
    saved = reviewing.save(olga, recording.pk, Typed(4, answers), revision=0, now=NOW)
    assert (saved.review.revision, saved.review.score, saved.leased_until) == (1, 25, LATER)
    again = reviewing.save(olga, recording.pk, Typed(3, {}), revision=1, now=NOW)
    kept = Review.objects.get()
    assert again.review == kept
    assert (kept.state, kept.mark, kept.answers, kept.score) == ("draft", 3, {}, None)
    assert kept.revision == 2


def test_an_old_page_does_not_overwrite(olga):
    recording = make_heard()
    next_for(olga)
    for revision, mark in ((0, 4), (1, 5)):
        reviewing.save(olga, recording.pk, Typed(mark), revision=revision, now=NOW)
    for old in (0, 1):
        with pytest.raises(Conflict) as conflict:
            reviewing.save(olga, recording.pk, Typed(1), revision=old, now=NOW)
        assert (conflict.value.review.mark, conflict.value.review.revision) == (5, 2)


def test_what_is_typed_is_kept_when_the_hold_was_lost(olga, elena):
    recording = make_heard()
    next_for(olga)
    next_for(elena, LATER)
    saved = reviewing.save(olga, recording.pk, Typed(2), revision=0, now=LATER)
    assert (saved.leased_until, saved.review.mark) == (None, 2)
    with pytest.raises(Lost, match="Этот звонок сейчас у другого менеджера: Елена Смирнова"):
        finish(olga, recording, Typed(3), 1, LATER)
    assert Review.objects.get().mark == 3
    assert Review.objects.get().state == "draft"
    finish(elena, recording, now=LATER)
    with pytest.raises(Lost, match="проверил кто-то другой"):
        finish(olga, recording, Typed(3), 2, LATER)


def test_done_leaves_the_queue_and_frees_the_recording(olga):
    recording = make_heard()
    next_for(olga)
    review = finish(olga, recording)
    assert (review.state, review.mark, review.ended_at) == ("done", 5, NOW)
    recording.refresh_from_db()
    assert (recording.leased_by, recording.leased_until) == (None, None)
    assert next_for(olga) is None


def test_without_a_mark_it_is_not_done_and_the_draft_is_kept(olga):
    recording, line = make_heard(), make_line()
    next_for(olga)
    with pytest.raises(NotReady, match="оценку от 1 до 5"):
        finish(olga, recording, Typed(None, {str(line.pk): "yes"}))
    assert Review.objects.get().answers == {str(line.pk): "yes"}
    assert reviewing.holder_of(recording.pk, now=NOW) == olga


def test_a_page_that_did_not_hear_the_answer_may_finish_again(olga):
    recording = make_heard()
    next_for(olga)
    first = finish(olga, recording, now=NOW)
    assert finish(olga, recording, now=NOW + timedelta(minutes=1)) == first
    assert Review.objects.get().ended_at == NOW
    with pytest.raises(Conflict):
        finish(olga, recording, Typed(1))


def test_what_is_skipped_goes_to_another_with_the_reason_beside_it(olga, elena):
    recording = make_heard()
    next_for(olga)
    reviewing.skip(olga, recording.pk, reason="нет звука", now=NOW)
    assert RecordingComment.objects.get().text == "Пропущено: нет звука"
    assert next_for(olga) is None
    assert next_for(elena) == recording.pk
    reviewing.skip(olga, recording.pk, reason="нет звука", now=NOW)
    assert RecordingComment.objects.count() == 1
    assert Review.objects.get().state == "skipped"


def test_undo_makes_it_a_draft_again_and_holds_it(olga, elena):
    recording = make_heard()
    next_for(olga)
    finish(olga, recording, Typed(4))
    assert reviewing.last_of(olga).recording_id == recording.pk
    review = reviewing.undo(olga, recording.pk, now=NOW)
    assert (review.state, review.mark, review.ended_at) == ("draft", 4, None)
    assert next_for(elena) is None
    assert reviewing.last_of(olga) is None
    finish(olga, recording, Typed(2), review.revision)
    assert Review.objects.get().mark == 2


def test_a_recording_that_is_gone_meanwhile_is_told_to_be_gone(olga):
    recording = make_heard()
    next_for(olga)
    Recording.objects.update(state="removed", leased_by=None, leased_until=None)
    with pytest.raises(Lost, match="Запись этого звонка удалили"):
        finish(olga, recording)
    with pytest.raises(Lost, match="Запись этого звонка удалили"):
        reviewing.undo(olga, recording.pk, now=NOW)


def test_back_leads_past_what_is_gone(olga):
    old, new = make_heard(1), make_heard(2)
    for minutes, recording in enumerate((old, new)):
        reviewing.take(olga, recording.pk, now=NOW)
        finish(olga, recording, now=NOW + timedelta(minutes=minutes))
    assert reviewing.last_of(olga).recording_id == new.pk
    Recording.objects.filter(pk=new.pk).update(state="removed")
    assert reviewing.last_of(olga).recording_id == old.pk


def test_undo_of_what_another_is_at_changes_nothing(olga, elena):
    recording = make_heard()
    next_for(olga)
    finish(olga, recording)
    assert next_for(elena, is_second=True) == recording.pk
    with pytest.raises(Lost, match="Елена"):
        reviewing.undo(olga, recording.pk, now=NOW)
    assert Review.objects.get().state == "done"


# Races: after one of them the groups of the roles are gone, and nobody here asks for rights.


def somebody(name: str) -> User:
    return User.objects.create_user(name, password="pass-word-1")


def in_threads(*jobs) -> list:
    said, together = [], threading.Barrier(len(jobs))

    def run(job) -> None:
        together.wait()
        try:
            said.append(job())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return said


on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time"
)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_get_the_same():
    rows = {make_heard(number).pk for number in range(6)}
    people = [somebody(f"manager{number}") for number in range(8)]
    given = in_threads(*(lambda person=person: next_for(person) for person in people))
    assert sorted(pk for pk in given if pk) == sorted(rows)
    assert given.count(None) == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_queue_worked_off_by_many_is_reviewed_once_each():
    rows = {make_heard(number).pk for number in range(20)}
    people = [somebody(f"manager{number}") for number in range(5)]

    def work(person) -> list[int]:
        done = []
        while pk := next_for(person):
            reviewing.finish(person, pk, GOOD, revision=0, now=NOW)
            done.append(pk)
        return done

    given = in_threads(*(lambda person=person: work(person) for person in people))
    assert sorted(pk for done in given for pk in done) == sorted(rows)
    assert Review.objects.filter(state="done").count() == len(rows)
    assert not Recording.objects.filter(leased_by__isnull=False).exists()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_pages_of_one_person_one_writes():
    olga, recording = somebody("olga"), make_heard()
    next_for(olga)
    reviewing.save(olga, recording.pk, Typed(1), revision=0, now=NOW)

    def write(mark):
        try:
            return reviewing.save(olga, recording.pk, Typed(mark), revision=1, now=NOW).review.mark
        except Conflict as conflict:
            return f"has {conflict.review.mark}"

    said = in_threads(lambda: write(2), lambda: write(3))
    mark = Review.objects.get().mark
    assert sorted(map(str, said)) == sorted([str(mark), f"has {mark}"])
