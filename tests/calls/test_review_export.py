"""A set of recordings as a file."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from calls import review_export
from calls.models import Call, ChecklistItem, FollowUp, Recording, RecordingComment, Tag
from obzvon_site.common.zips import zipped
from tests.calls.makers import NOW, make_call, make_recording
from tests.calls.test_scores_report import AT, review
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def exported() -> zipfile.ZipFile:
    entries = review_export.entries(Recording.objects.all(), now=NOW, actor=None)
    return zipfile.ZipFile(io.BytesIO(b"".join(zipped(entries))))


def table(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read(archive.namelist()[-1]).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_sounds_and_one_table():
    recording = make_recording(content=b"RIFFsound", sha256="ab" * 32)
    archive = exported()
    sound, sheet = archive.namelist()
    assert sound == review_export.file_name(recording)
    assert archive.read(sound) == b"RIFFsound"
    assert sheet == "Проверка.csv"
    [line] = table(archive)
    assert line["Файл"] == sound
    assert line["SHA-256"] == "ab" * 32


def test_all_that_was_said_of_a_call_is_in_its_line():
    person = make_user(role="manager", username="anna")
    item = ChecklistItem.objects.create(text="Поздоровался")
    call = make_call()
    Call.objects.update(name="Олег")
    recording = make_recording(call, seconds=Decimal("61.4"))
    recording.tags.add(Tag.objects.create(name="вежливо"))
    RecordingComment.objects.create(
        recording=recording, author=person, second=Decimal("65.2"), text="тут", created_at=NOW
    )
    FollowUp.objects.create(
        recording=recording,
        text="Перезвонить",
        assignee=person,
        due=date(2026, 12, 1),
        created_by=person,
        created_at=NOW,
    )
    review(recording, person, 5, at=AT, score=100, answers={str(item.pk): "yes"})
    [line] = table(exported())
    assert line["Имя"] == "Олег"
    assert line["Секунд"] == "61"
    assert line["Метки"] == "вежливо"
    assert line["Комментарии"] == "1:05 тут"
    assert line["Задачи"] == "Перезвонить (anna, 01.12.2026)"
    assert (line["Проверил"], line["Оценка"], line["Чек-лист, %"]) == ("anna", "5", "100")
    assert line["Поздоровался"] == "да"


def test_two_reviews_are_two_lines():
    recording = make_recording()
    for name, mark in (("anna", 5), ("boris", 2)):
        review(recording, make_user(username=name), mark)
    assert [line["Оценка"] for line in table(exported())] == ["5", "2"]


def test_a_file_that_is_gone_is_said_and_stops_nobody():
    lost, kept = make_recording(), make_recording(content=b"RIFFkept")
    lost.file.storage.delete(lost.file.name)
    archive = exported()
    assert archive.read(review_export.file_name(kept)) == b"RIFFkept"
    assert [line["Что с файлом"] for line in table(archive)] == ["Файл не прочитался.", ""]


def test_what_is_missing_has_a_line_and_no_file():
    make_recording(state="missing", problem="Сервис её не отдал.")
    archive = exported()
    assert len(archive.namelist()) == 1
    assert table(archive)[0]["Что с файлом"] == "Сервис её не отдал."


def test_the_number_of_queries_does_not_grow_with_recordings(django_assert_max_num_queries):
    for _ in range(6):
        review(make_recording(), make_user())
    with django_assert_max_num_queries(9):
        list(review_export.table(Recording.objects.all()))
