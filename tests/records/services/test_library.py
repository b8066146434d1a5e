import pytest

from obzvon_site.accounts.models import AuditEvent
from records import services
from records.audio import NotAudio
from records.models import Record
from records.services.library import displayed, first_words
from tests.factories import make_account
from tests.records.makers import make_campaign, make_record, uploaded, wav

pytestmark = pytest.mark.django_db


def upload(account=None, file=None, name="hello.wav") -> Record:
    return services.upload(
        account or make_account(), file or uploaded(), file_name=name, actor=None
    )


def test_an_uploaded_file_is_measured_and_kept_under_a_random_name():
    record = upload(name="C:\\Мои записи\\Скидка.wav")
    assert record.file_name == "Скидка.wav"
    assert record.name == "Скидка"
    assert float(record.seconds) == 0.5
    assert record.size == len(wav())
    assert len(record.sha256) == 64
    assert record.file.name.endswith(".wav")
    assert "Скидка" not in record.file.name
    assert record.file.read() == wav()
    record.file.close()


def test_what_is_no_sound_leaves_nothing_behind(data_dir):
    with pytest.raises(NotAudio):
        upload(file=uploaded("fake.wav", b"RIFF, but no"))
    assert not Record.objects.exists()
    assert not list(data_dir.rglob("*.wav"))


def test_limits_come_from_the_settings(settings):
    settings.UPLOAD_MEGABYTES = 0
    with pytest.raises(NotAudio):
        upload()


def test_the_same_file_is_taken_again_when_the_first_was_no_use():
    account = make_account()
    record = upload(account)
    with pytest.raises(services.AlreadyThere) as caught:
        upload(account)
    assert caught.value.record == record
    assert upload(make_account()).pk != record.pk  # another account knows nothing of it
    Record.objects.filter(pk=record.pk).update(stage="sent", moderation="rejected")
    assert upload(account).pk != record.pk


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/etc/passwd", "passwd"),
        ("a\x00b\nc.wav", "abc.wav"),
        ("..", ".."),
        ("", "audio"),
        ("я" * 300 + ".wav", "я" * 251 + ".wav"),
    ],
)
def test_names_of_files_are_only_shown(given, shown):
    assert displayed(given) == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Привет!", "Привет"),
        ("Один два три четыре пять шесть семь", "Один два три четыре пять шесть семь"),
        (
            "Один, два, три, четыре, пять, шесть, семь, восемь",
            "Один, два, три, четыре, пять, шесть, семь…",
        ),
        ("я" * 100, "я" * 60 + "…"),
        ("!!!", "…"),
    ],
)
def test_a_text_without_a_name_is_named_by_its_first_words(text, name):
    assert first_words(text) == name


def test_renaming_waits_until_the_service_has_answered():
    for stage in ("sending", "unknown"):
        record = make_record(stage=stage)
        with pytest.raises(services.TooLate):
            services.rename(record, "Другое", actor=None)


@pytest.mark.parametrize(
    ("fields", "is_possible"),
    [
        ({"stage": "refused"}, True),
        ({"stage": "unknown", "due_at": None}, True),
        ({"stage": "unknown", "due_at": "2026-11-23T12:00Z"}, False),  # still being looked for
        ({"stage": "waiting"}, False),
        ({"stage": "sending"}, False),
        ({"stage": "sent"}, False),
        ({"stage": "removed"}, False),
    ],
)
def test_only_what_was_refused_or_is_in_doubt_is_sent_again(fields, is_possible):
    record = make_record(**fields)
    assert record.can_retry == is_possible
    if is_possible:
        services.retry(record, actor=None)
        assert Record.objects.get().stage == "waiting"
    else:
        with pytest.raises(services.TooLate):
            services.retry(record, actor=None)
        assert Record.objects.get().stage == record.stage


def test_the_second_of_two_retries_loses():
    record = make_record(stage="refused")
    stale = Record.objects.get()
    services.retry(record, actor=None)
    with pytest.raises(services.TooLate):
        services.retry(stale, actor=None)


def test_deeds_are_written_down():
    record = services.speak(make_account(), text="Привет", gender=0, name="", actor=None)
    services.rename(record, "Другое", actor=None)
    verbs = list(AuditEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["record.spoken", "record.renamed"]


def test_users_are_campaigns_that_play_it():
    record = make_record(stage="sent")
    campaign = make_campaign(record)
    make_campaign(make_record(stage="sent"))
    assert services.users_of(record) == [campaign]
