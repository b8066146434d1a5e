from datetime import timedelta

import pytest

from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import (
    BadRequest,
    NoMoney,
    OutcomeUnknown,
    TooFast,
    Unreachable,
    WrongKey,
)
from records.models import Record
from records.services import send_due
from records.services.sending import delay_after, take
from tests.factories import make_account
from tests.records.makers import NOW, make_record, reply, wav


def sent(record, now=NOW) -> Record:
    send_due(now=now)
    record.refresh_from_db()
    return record


def test_a_text_is_sent_with_its_voice(service):
    service.answers["create_record"] = reply(5, needs_moderation=True)
    record = sent(make_record(text="Привет", gender=1))
    assert service.asked == [("create_record", "Приветствие", "Привет", 1, "")]
    assert (record.stage, record.service_id, record.moderation) == ("sent", 5, "waiting")
    assert abs(record.due_at - NOW - timedelta(seconds=5)) < timedelta(seconds=3)


def test_a_file_is_sent_whole_under_a_plain_name(service):
    service.answers["create_record"] = reply(5, needs_moderation=False)
    record = sent(make_record(content=wav()))
    assert service.asked == [
        ("create_record", "Приветствие", wav(), None, f"record{record.pk}.wav")
    ]
    assert (record.stage, record.moderation, record.due_at) == ("sent", "ready", None)


def test_the_record_is_committed_as_sending_before_the_request(service):
    stages = []

    def look():
        stages.append(Record.objects.get().stage)
        return reply()

    service.answers["create_record"] = look
    sent(make_record(text="Привет"))
    assert stages == ["sending"]


def test_of_two_workers_one_sends(service):
    record = make_record(text="Привет")
    mine, theirs = Record.objects.get(), Record.objects.get()
    assert take(mine, now=NOW)
    assert not take(theirs, now=NOW)
    send_due(now=NOW)
    assert service.asked == []
    assert Record.objects.get(pk=record.pk).lease == mine.lease


def test_a_worker_that_died_in_between_leaves_a_doubt_and_nothing_is_sent(service):
    record = make_record(text="Привет")
    take(record, now=NOW)
    assert sent(record, NOW + timedelta(seconds=30)).stage == "sending"
    assert sent(record, NOW + timedelta(seconds=61)).stage == "unknown"
    assert record.due_at is not None
    assert sent(record, NOW + timedelta(hours=1)).stage == "unknown"
    assert service.asked == []


def test_a_late_answer_still_ends_the_doubt(service):
    record = make_record(text="Привет")

    def expire():
        Record.objects.update(stage="unknown", due_at=NOW)
        return reply(5)

    service.answers["create_record"] = expire
    assert sent(record).stage == "sent"


def test_a_late_answer_does_not_undo_what_a_person_decided(service):
    record = make_record(text="Привет")

    def retried():
        Record.objects.update(stage="waiting", lease="")
        return reply(5)

    service.answers["create_record"] = retried
    record = sent(record)
    assert (record.stage, record.service_id) == ("waiting", None)


def test_a_request_that_never_left_is_repeated_more_and_more_rarely(service):
    service.answers["create_record"] = Unreachable()
    record = sent(make_record(text="Привет"))
    assert record.stage == "waiting"
    assert "не отвечает" in record.error
    first = record.due_at - NOW
    assert sent(record, NOW + first - timedelta(seconds=1)).tries == 1
    record = sent(record, NOW + first)
    assert record.tries == 2
    assert record.due_at - (NOW + first) >= 2 * first - timedelta(seconds=1)
    assert delay_after(50) == timedelta(minutes=5)


def test_too_fast_waits_as_long_as_the_service_asks(service):
    service.answers["create_record"] = TooFast(retry_after=77)
    record = sent(make_record(text="Привет"))
    assert record.stage == "waiting"
    assert record.due_at >= NOW + timedelta(seconds=77)


@pytest.mark.parametrize("error", [BadRequest("Слишком тихо"), NoMoney("Мало"), WrongKey("Ключ")])
def test_a_refusal_keeps_the_text_and_the_services_words(service, error):
    service.answers["create_record"] = error
    record = sent(make_record(text="Привет"))
    assert (record.stage, record.text) == ("refused", "Привет")
    assert error.words in record.error
    assert record.can_retry


def test_a_key_that_does_not_open_is_a_refusal_of_ours(service):
    service.answers["create_record"] = Unreadable()
    assert "ключ" in sent(make_record(text="Привет")).error.lower()


def test_a_file_that_is_gone_is_said_so(service):
    record = make_record(content=wav())
    record.file.storage.delete(record.file.name)
    record = sent(record)
    assert record.stage == "refused"
    assert "Загрузите его ещё раз" in record.error


@pytest.mark.parametrize("error", [OutcomeUnknown(), RuntimeError("ours")])
def test_no_answer_is_a_doubt_and_never_a_repeat(service, error):
    service.answers["create_record"] = error
    record = sent(make_record(text="Привет"))
    assert record.stage == "unknown"
    assert record.due_at >= NOW
    sent(record, NOW + timedelta(days=1))
    assert len(service.asked) == 1


def test_one_bad_record_does_not_stop_the_others(service):
    answers = iter([RuntimeError("bad row"), reply(6)])
    service.answers["create_record"] = lambda: next(answers)
    make_record(text="Раз")
    make_record(text="Два")
    assert send_due(now=NOW) == 2
    assert sorted(Record.objects.values_list("stage", flat=True)) == ["sent", "unknown"]


def test_a_switched_off_account_sends_nothing(service):
    make_record(make_account(is_active=False), text="Привет")
    assert send_due(now=NOW) == 0
    assert service.asked == []


def test_the_sound_of_a_text_comes_home_with_its_length(service):
    service.answers["create_record"] = reply(5, path="/sounds/5.wav")
    service.answers["fetch_sound"] = wav(0.75)
    record = sent(make_record(text="Привет"))
    assert float(record.seconds) == 0.75
    assert record.file


@pytest.mark.parametrize("answer", [Unreachable(), b"<html>not yet</html>"])
def test_a_sound_that_does_not_come_does_not_matter(service, answer):
    service.answers["create_record"] = reply(5, path="/sounds/5.wav")
    service.answers["fetch_sound"] = answer
    record = sent(make_record(text="Привет"))
    assert record.stage == "sent"
    assert not record.file


def test_a_number_that_another_record_has_is_left_to_a_person(service):
    account = make_account()
    make_record(account, stage="sent", service_id=5)
    service.answers["create_record"] = reply(5)
    record = sent(make_record(account, text="Привет"))
    assert (record.stage, record.service_id) == ("unknown", None)
    assert "уже занят" in record.error
    assert record.can_retry
