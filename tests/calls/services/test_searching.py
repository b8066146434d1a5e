"""Words of recordings, and finding by them."""

import pytest

from calls.models import Call, Recording, RecordingComment, Tag, Transcript
from calls.services import searching
from tests.calls.makers import NOW, make_call, make_recording
from tests.calls.scenarios import key, make_scenario, make_version
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def words_of(recording) -> str:
    searching.refresh(recording.pk)
    recording.refresh_from_db()
    return recording.words


def test_the_call_itself_is_found():
    call = make_call(name="Весенний ОБЗВОН")
    Call.objects.update(name="Ольга Ивановна", ivr_answers="|2|5|")
    words = words_of(make_recording(call, manager_phone="79990000001"))
    for one in ("весенний обзвон", "ольга ивановна", call.phone, "79990000001", "2", "5"):
        assert one in words


def test_tags_comments_and_text_are_found():
    recording = make_recording()
    recording.tags.add(Tag.objects.create(name="вежливо"))
    RecordingComment.objects.create(
        recording=recording, author=make_user(), text="Перебил Клиента", created_at=NOW
    )
    Transcript.objects.create(
        recording=recording, asked_at=NOW, parts=[{"start": 0, "end": 1, "text": "Добрый День"}]
    )
    words = words_of(recording)
    for one in ("вежливо", "перебил клиента", "добрый день"):
        assert one in words


def test_a_word_that_is_said_often_is_kept_once_and_leaves_room_for_the_others():
    said = "да " * searching.WORDS_MAX + "Договор"
    recording = make_recording()
    Transcript.objects.create(
        recording=recording, asked_at=NOW, parts=[{"start": 0, "end": 1, "text": said}]
    )
    words = words_of(recording).split()
    assert (words.count("да"), words.count("договор")) == (1, 1)


def test_what_was_taken_away_is_not_found_any_more():
    recording, tag = make_recording(), Tag.objects.create(name="срочно")
    recording.tags.add(tag)
    assert "срочно" in words_of(recording)
    recording.tags.remove(tag)
    assert "срочно" not in words_of(recording)


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("Жалоба", True), ("ЖАЛОБ клиент", True), ("жалоба счёт", False), ("", True), ("%", False)],
)
def test_every_word_has_to_be_there(text, is_found):
    recording = make_recording()
    Recording.objects.update(words="жалоба клиента на цену")
    assert (recording in searching.found(Recording.objects.all(), text)) is is_found


def test_a_recording_that_is_gone_troubles_nobody():
    searching.refresh(10**9)


@pytest.mark.parametrize("text", ["+7 (912) 345-67", "8 912 345 67 89", "345-67", "7912"])
def test_a_phone_is_found_however_it_is_written(text):
    recording = make_recording()
    Recording.objects.update(words="79123456789 обзвон")
    assert recording in searching.found(Recording.objects.all(), text)


@pytest.mark.parametrize("text", ["24.11", "12 500", "3-4", "24.11 12 500"])
def test_a_number_with_a_separator_is_found_as_it_was_said(text):
    recording = make_recording()
    Recording.objects.update(words="79005550001 перезвонить 24.11 долг 12 500 за 3-4 дня")
    assert recording in searching.found(Recording.objects.all(), text)
    assert recording not in searching.found(Recording.objects.all(), f"{text} 25.11")


def test_yo_is_found_as_ye():
    recording = make_recording(make_call(name="Счёт за ноябрь"))
    searching.refresh(recording.pk)
    for text in ("счет", "СЧЁТ"):
        assert recording in searching.found(Recording.objects.all(), text)


def test_what_was_said_in_a_removed_recording_is_not_found():
    recording = make_recording(state=Recording.State.REMOVED)
    recording.tags.add(Tag.objects.create(name="жалоба"))
    words = words_of(recording)
    assert "жалоба" not in words
    assert recording.call.phone in words


def test_a_message_of_a_variant_brings_its_own_labels():
    first = make_version(make_scenario(key(1, label="Первый")))
    account = first.scenario.account
    account.use_duty_phone = True
    account.save(update_fields=["use_duty_phone"])
    call = make_call(account=account, message_kind="scenario", scenario_version=first)
    other = make_version(make_scenario(key(1, label="Второй"), account=account))
    call.campaign.variants.create(
        letter="b", message="scenario", scenario_version=other, payload={}
    )
    Call.objects.update(ivr_answers="|1|")
    recording = make_recording(call)
    assert "первый" in words_of(recording)
    Call.objects.update(variant="b")
    assert "второй" in words_of(recording)
