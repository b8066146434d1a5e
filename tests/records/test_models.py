import pytest

from records.models import Record
from tests.factories import make_account
from tests.records.makers import make_record

pytestmark = pytest.mark.django_db


def test_usable_is_what_the_service_has_and_nobody_rejected():
    account = make_account()
    good = [
        make_record(account, stage="sent", moderation=state)
        for state in ("ready", "waiting", "unknown")
    ]
    make_record(account, stage="sent", moderation="rejected")
    for stage in ("waiting", "sending", "refused", "unknown", "removing", "removed"):
        make_record(account, stage=stage, service_id=None)
    make_record(make_account(), stage="sent")
    assert list(Record.objects.usable(account).order_by("pk")) == good


def test_the_badge_is_ours_until_the_service_has_the_record():
    assert make_record(stage="sending").badge == ("info", "Отправляем")
    assert make_record(stage="sent", moderation="ready").badge == ("ok", "Готов")
    assert make_record(stage="unknown").badge == ("warn", "Проверяем")


def test_every_stage_has_a_badge():
    for stage in Record.Stage:
        assert Record(stage=stage).badge
    for moderation in Record.Moderation:
        assert Record(stage="sent", moderation=moderation).badge


def test_there_is_something_to_play_when_there_is_a_file_or_an_address():
    assert make_record(stage="waiting").preview_url() == ""
    assert make_record(stage="sent", service_path="/5.wav").preview_url()
    assert make_record(stage="removed", service_path="/5.wav").preview_url() == ""
