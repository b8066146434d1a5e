from datetime import timedelta

import pytest

from obzvon_site.provider.errors import NotFound, NotOffered, OutcomeUnknown, Refused, Unreachable
from records.models import Record
from records.services import InUse, TooLate, remove, remove_due, send_due
from records.services.removing import TRIES
from tests.records.makers import NOW, make_campaign, make_record, wav


def removed(record, now=NOW) -> Record:
    remove_due(now=now)
    record.refresh_from_db()
    return record


@pytest.mark.parametrize("stage", ["waiting", "refused", "unknown"])
def test_what_only_we_have_is_removed_at_once_with_its_file(service, stage, data_dir):
    record = make_record(content=wav(), stage=stage)
    remove(record, actor=None, now=NOW)
    record.refresh_from_db()
    assert (record.stage, record.removed_at, record.file.name) == ("removed", NOW, "")
    assert not list(data_dir.rglob("*.wav"))
    assert send_due(now=NOW) == 0
    assert service.asked == []


def test_what_the_service_has_is_removed_there_first(service):
    record = make_record(stage="sent", service_id=5, content=wav())
    remove(record, actor=None, now=NOW)
    assert Record.objects.get().stage == "removing"
    assert removed(record).stage == "removed"
    assert service.asked == [("remove_record", 5)]
    assert not record.file


@pytest.mark.parametrize("error", [NotFound(), NotOffered()])
def test_what_is_gone_or_can_never_go_is_removed_here(service, error):
    service.answers["remove_record"] = error
    assert removed(make_record(stage="removing", service_id=5)).stage == "removed"


def test_a_refusal_keeps_the_record_with_the_reason(service):
    service.answers["remove_record"] = Refused("Ролик используется")
    record = removed(make_record(stage="removing", service_id=5, moderation="ready", content=wav()))
    assert record.stage == "sent"
    assert "Ролик используется" in record.error
    assert record.file
    remove(record, actor=None, now=NOW)
    assert Record.objects.get().stage == "removing"


@pytest.mark.parametrize("error", [Unreachable(), OutcomeUnknown(), RuntimeError("ours")])
def test_silence_is_tried_again_a_few_times_and_then_told(service, error):
    service.answers["remove_record"] = error
    record = removed(make_record(stage="removing", service_id=5, moderation="ready"))
    assert record.stage == "removing"
    assert record.error
    assert record.due_at > NOW
    now = NOW
    for _ in range(TRIES):
        now += timedelta(minutes=6)
        record = removed(record, now)
    assert record.stage == "sent"
    assert len(service.asked) == TRIES


def test_a_running_campaign_protects_its_record(service):
    record = make_record(stage="sent", service_id=5)
    campaign = make_campaign(record)
    with pytest.raises(InUse) as caught:
        remove(record, actor=None, now=NOW)
    assert caught.value.names == ["Напоминание"]
    type(campaign).objects.update(state="done")
    remove(record, actor=None, now=NOW)
    assert Record.objects.get().stage == "removing"


def test_a_campaign_launched_at_the_same_moment_protects_it_too(service):
    record = make_record(stage="sent", service_id=5)
    remove(record, actor=None, now=NOW)
    make_campaign(record)
    record = removed(record)
    assert record.stage == "sent"
    assert "Напоминание" in record.error
    assert service.asked == []


@pytest.mark.parametrize("stage", ["sending", "removing", "removed"])
def test_what_is_on_its_way_is_not_removed(service, stage):
    with pytest.raises(TooLate):
        remove(make_record(stage=stage), actor=None, now=NOW)


def test_a_record_kept_by_a_refusal_is_still_watched(service):
    service.answers["remove_record"] = Refused()
    record = removed(make_record(stage="removing", service_id=5, moderation="waiting"))
    assert record.due_at == NOW
