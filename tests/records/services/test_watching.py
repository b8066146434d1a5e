from datetime import timedelta

import pytest

from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import NotOffered, OutcomeUnknown
from records.models import Record
from records.services import refresh_due, retry, send_due
from tests.factories import make_account
from tests.records.makers import NOW, make_record, reply, wav

LATER = NOW + timedelta(minutes=20)


def make_waiting(account=None, **fields) -> Record:
    fields = {"stage": "sent", "moderation": "waiting", "due_at": NOW, **fields}
    return make_record(account, **fields)


def make_doubtful(account=None, **fields) -> Record:
    fields = {"stage": "unknown", "due_at": NOW, "sent_at": NOW, "lease": "x" * 32, **fields}
    return make_record(account, **fields)


def refreshed(record, now=NOW) -> Record:
    refresh_due(now=now)
    record.refresh_from_db()
    return record


# Moderation


def test_an_approval_is_learnt_and_nobody_asks_again(service):
    record = make_waiting(service_id=5)
    service.answers["get_records"] = [reply(5, status="approved")]
    assert refreshed(record).moderation == "ready"
    assert record.due_at is None
    refresh_due(now=LATER)
    assert len(service.asked) == 1


def test_a_rejection_comes_with_the_moderators_words(service):
    record = make_waiting(service_id=5)
    service.answers["get_records"] = [reply(5, status="rejected", moderator_comment="шум")]
    assert refreshed(record).moderation == "rejected"
    assert record.moderator_comment == "шум"


def test_questions_become_rare(service):
    record = make_waiting(service_id=5)
    service.answers["get_records"] = [reply(5, needs_moderation=True)]
    assert refreshed(record).due_at == NOW + timedelta(seconds=5)
    assert refreshed(record, LATER).due_at == LATER + timedelta(minutes=5)


def test_one_question_tells_of_all_records_of_an_account(service):
    account = make_account()
    first = make_waiting(account, service_id=5)
    second = make_waiting(account, service_id=6, due_at=LATER)
    service.answers["get_records"] = [reply(5, status="approved"), reply(6, status="approved")]
    assert refresh_due(now=NOW) == 1
    assert refreshed(first).moderation == refreshed(second).moderation == "ready"
    assert len(service.asked) == 1


def test_a_service_that_does_not_tell_is_asked_no_more(service):
    record = make_waiting()
    service.answers["get_records"] = NotOffered()
    assert refreshed(record).is_untold
    refresh_due(now=LATER)
    assert len(service.asked) == 1


@pytest.mark.parametrize("error", [OutcomeUnknown(), Unreadable()])
def test_trouble_is_a_reason_to_ask_later(service, error):
    record = make_waiting()
    service.answers["get_records"] = error
    assert refreshed(record).due_at == NOW + timedelta(seconds=5)
    assert record.moderation == "waiting"


def test_one_account_in_trouble_does_not_stop_the_others(service):
    make_waiting(make_account(name="a"), service_id=1)
    record = make_waiting(make_account(name="b"), service_id=2)
    answers = iter([RuntimeError("ours"), [reply(2, status="approved")]])
    service.answers["get_records"] = lambda: next(answers)
    assert refreshed(record).moderation == "ready"


def test_a_record_that_the_list_lacks_says_so_until_it_is_there(service):
    record = make_waiting(service_id=5)
    service.answers["get_records"] = [reply(5, deleted_at=NOW)]
    assert "этого ролика нет" in refreshed(record).error
    service.answers["get_records"] = [reply(5, needs_moderation=True)]
    assert refreshed(record, LATER).error == ""


def test_news_do_not_bring_back_a_removed_record(service):
    record = make_waiting(service_id=5)

    def removed():
        Record.objects.update(stage="removing")
        return [reply(5, status="approved")]

    service.answers["get_records"] = removed
    assert refreshed(record).stage == "removing"
    assert record.moderation == "waiting"


# Doubt


def test_a_doubtful_record_is_found_by_its_name(service):
    record = make_doubtful()
    service.answers["get_records"] = [reply(4, name="Другой"), reply(5, needs_moderation=True)]
    record = refreshed(record)
    assert (record.stage, record.service_id, record.error) == ("sent", 5, "")


def test_a_record_of_the_same_name_that_we_know_is_not_taken_for_it(service):
    account = make_account()
    make_record(account, stage="sent", service_id=5)
    service.answers["get_records"] = [reply(5)]
    assert refreshed(make_doubtful(account)).stage == "unknown"


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": NOW - timedelta(hours=1)},  # somebody made it long before
        {"created_at": None},  # nothing proves that it is ours
        {"deleted_at": NOW},
    ],
)
def test_a_doubtful_record_is_not_taken_for_another(service, fields):
    service.answers["get_records"] = [reply(5, **fields)]
    assert refreshed(make_doubtful()).stage == "unknown"


def test_the_same_text_is_proof_enough_without_a_time(service):
    service.answers["get_records"] = [reply(5, text="Привет", created_at=None)]
    assert refreshed(make_doubtful(text="Привет")).stage == "sent"


def test_several_of_a_name_are_left_to_a_person(service):
    service.answers["get_records"] = [reply(5), reply(6)]
    record = refreshed(make_doubtful())
    assert record.stage == "unknown"
    assert record.can_retry
    assert "несколько" in record.error


def test_a_record_that_is_not_there_is_looked_for_a_while_and_then_offered_again(service):
    record = make_doubtful(text="Привет")
    service.answers["get_records"] = []
    assert not refreshed(record).can_retry
    assert refreshed(record, NOW + timedelta(minutes=3)).can_retry
    assert "не дошёл" in record.error
    retry(record, actor=None)
    service.answers["create_record"] = reply(8)
    send_due(now=LATER)
    record.refresh_from_db()
    assert (record.stage, record.service_id) == ("sent", 8)


def test_where_nothing_can_be_looked_up_a_person_decides(service):
    service.answers["get_records"] = NotOffered()
    record = refreshed(make_doubtful())
    assert record.stage == "unknown"
    assert record.can_retry
    assert "звонков не будет" in record.error


def test_a_doubt_that_a_person_ended_stays_ended(service):
    record = make_doubtful()

    def retried():
        Record.objects.update(stage="waiting", lease="", due_at=None)
        return [reply(5)]

    service.answers["get_records"] = retried
    assert refreshed(record).stage == "waiting"


def test_the_sound_of_a_found_text_comes_home(service):
    service.answers["get_records"] = [reply(5, text="Привет", path="/sounds/5.wav")]
    service.answers["fetch_sound"] = wav(0.75)
    assert float(refreshed(make_doubtful(text="Привет")).seconds) == 0.75
