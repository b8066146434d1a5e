"""Recordings go when they are old enough: rows first, then files, and never what is worked on."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from calls.models import Call, FollowUp, Recording, Transcript
from calls.services import retention
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_call, make_recording
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def make_old(days: float = 40, **fields) -> Recording:
    recording = make_recording(at=NOW - timedelta(days=days), peaks=b"1", **fields)
    account = recording.account
    account.recording_days = 30
    account.save(update_fields=["recording_days"])
    return recording


def state_of(recording: Recording) -> str:
    recording.refresh_from_db()
    return recording.state


def exists(recording: Recording, name: str) -> bool:
    return recording.file.storage.exists(name)


def test_old_ones_are_removed_with_all_that_was_said():
    recording = make_old()
    name = recording.file.name
    Transcript.objects.create(recording=recording, asked_at=NOW, parts=[{"text": "тайна"}])
    assert retention.remove_due(now=NOW) == 1
    assert state_of(recording) == "removed"
    assert not exists(recording, name)
    assert (recording.peaks, recording.size, recording.file.name) == (None, 0, "")
    assert recording.removed_at == NOW
    assert "тайна" not in recording.words
    assert not Transcript.objects.exists()
    assert not Call.objects.get().has_recording
    [event] = AuditEvent.objects.filter(verb="recordings.removed")
    assert (event.actor, event.details["count"]) == (None, 1)
    assert retention.remove_due(now=NOW) == 0
    assert AuditEvent.objects.filter(verb="recordings.removed").count() == 1


def test_young_ones_and_those_kept_for_ever_stay():
    young, other = make_old(29), make_recording(at=NOW - timedelta(days=4000))
    assert retention.remove_due(now=NOW) == 0
    assert [state_of(young), state_of(other)] == ["kept", "kept"]


def test_one_with_an_open_task_stays_until_it_is_done():
    recording, person = make_old(), make_user()
    task = FollowUp.objects.create(
        recording=recording,
        text="Перезвонить",
        assignee=person,
        due=date(2026, 12, 1),
        created_by=person,
        created_at=NOW,
    )
    assert retention.remove_due(now=NOW) == 0
    task.done_at = NOW
    task.save(update_fields=["done_at"])
    assert retention.remove_due(now=NOW) == 1


def test_one_that_is_being_reviewed_goes_later():
    recording = make_old(leased_by=make_user(), leased_until=NOW + timedelta(minutes=5))
    assert retention.remove_due(now=NOW) == 0
    assert retention.remove_due(now=NOW + timedelta(minutes=6)) == 1
    assert state_of(recording) == "removed"


def test_many_go_in_portions(monkeypatch):
    monkeypatch.setattr(retention, "PORTION", 2)
    account = make_account(use_duty_phone=True, recording_days=30)
    for _number in range(5):
        make_recording(make_call(account=account), at=NOW - timedelta(days=31))
    assert retention.remove_due(now=NOW) == 5
    [event] = AuditEvent.objects.filter(verb="recordings.removed")
    assert event.details["count"] == 5


def test_a_worker_that_died_before_the_file_leaves_it_to_the_next():
    recording = make_old()
    name = recording.file.name
    Recording.objects.update(state="removed")
    assert exists(recording, name)
    retention.remove_due(now=NOW)
    assert not exists(recording, name)
    assert state_of(recording) == "removed"


def test_a_file_that_does_not_go_is_tried_again(monkeypatch, caplog):
    recording = make_old()
    name = recording.file.name

    def refuse(_name):
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(recording.file.storage, "delete", refuse)
        assert retention.remove_due(now=NOW) == 1
    assert "could not be deleted" in caplog.text
    assert exists(recording, name)
    retention.remove_due(now=NOW)
    assert not exists(recording, name)


def test_a_file_that_no_row_knows_is_deleted_after_a_while():
    now = timezone.now()
    recording = make_recording()
    storage, folder = recording.file.storage, f"recordings/{timezone.localtime(now):%Y/%m}"
    name = storage.save(f"{folder}/{recording.call_id}_lost.wav", ContentFile(b"RIFF"))
    retention.remove_due(now=now)
    assert storage.exists(name)  # its row may be on the way
    retention.remove_due(now=now + timedelta(days=3))
    assert not storage.exists(name)
    assert exists(recording, recording.file.name)


def test_a_dry_run_says_what_the_run_would_do():
    recording = make_old(content=b"RIFF" * 10)
    amount = retention.foresee(recording.account, 30, now=NOW)
    assert (amount.count, amount.size) == (1, 40)
    assert retention.foresee(recording.account, 41, now=NOW).count == 0
    assert state_of(recording) == "kept"


def test_usage_counts_what_is_kept():
    recording = make_old(content=b"RIFF" * 10)
    empty = make_account(name="Пустая")
    found = {row.account.pk: row.kept for row in retention.usage()}
    assert (found[recording.account.pk].count, found[recording.account.pk].size) == (1, 40)
    assert found[recording.account.pk].oldest == recording.at
    assert found[empty.pk].count == 0


def test_a_change_of_days_is_told_once():
    account, admin = make_account(), make_user(role="admin")
    retention.set_days(account, 90, actor=admin)
    retention.set_days(account, 90, actor=admin)
    [event] = AuditEvent.objects.filter(verb="recording.retention_changed")
    assert (event.actor, event.details) == (admin, {"before": "", "after": 90})


def test_one_is_removed_by_hand_and_told():
    recording, admin = make_recording(), make_user(role="admin")
    name = recording.file.name
    assert retention.remove(recording, actor=admin, now=NOW)
    assert not retention.remove(recording, actor=admin, now=NOW)
    assert not exists(recording, name)
    [event] = AuditEvent.objects.filter(verb="recording.removed")
    assert event.details["call"] == recording.call_id
