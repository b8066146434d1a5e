import re

import pytest
from django.urls import reverse

from obzvon_site.provider.errors import Unreachable
from records.models import Record
from tests.factories import make_account
from tests.records.makers import make_campaign, make_record, wav

LIST, ROWS = "/records/", "/records/rows/"
UPLOAD = "/records/upload/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


# The list


def test_the_list_shows_what_a_record_is_and_how_it_is(operator):
    make_record(name="Скидки", stage="sent", moderation="ready", seconds="68.2", kind="mp3")
    page = text_of(operator.get(LIST))
    assert "Скидки" in page
    assert "1:08" in page
    assert "MP3" in page
    assert "Готов" in page


def test_an_empty_library_says_what_to_do(operator):
    page = text_of(operator.get(LIST))
    assert "Здесь появятся ролики" in page
    assert UPLOAD in page


def test_a_rejected_record_shows_the_moderators_comment_in_full(operator):
    comment = "плохо слышно название компании, " * 12
    make_record(stage="sent", moderation="rejected", moderator_comment=comment)
    assert comment.strip() in text_of(operator.get(LIST))


def test_records_on_moderation_warn_that_calls_do_not_go_out(operator):
    make_record(stage="sent", moderation="waiting", due_at="2026-11-23T12:00Z")
    assert "не выйдут" in text_of(operator.get(LIST))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=скид", ["Скидки"]),
        ("q=%D1%81%D1%80%D0%BE%D0%BA", ["Долг"]),  # a word of its text
        ("state=ready", ["Скидки"]),
        ("state=rejected", ["Долг"]),
        ("state=failed", ["Сбой"]),
        ("state=nonsense", ["Сбой", "Долг", "Скидки"]),
    ],
)
def test_the_list_is_narrowed(operator, query, found):
    query = query.replace("скид", "Скид")
    make_record(name="Скидки", stage="sent", moderation="ready")
    make_record(name="Долг", text="Истекает срок", stage="sent", moderation="rejected")
    make_record(name="Сбой", stage="refused")
    page = text_of(operator.get(f"{LIST}?{query}"))
    assert re.findall(r'<a class="tlink"[^>]*>(.*?)</a>', page) == found


def test_a_search_without_luck_offers_all(operator):
    make_record()
    assert "Ничего не нашлось" in text_of(operator.get(f"{LIST}?q=нет-такого"))


def test_removed_records_are_not_in_the_list(operator):
    make_record(name="Прежний", stage="removed")
    assert "Прежний" not in text_of(operator.get(LIST))


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"stage": "waiting"}, 3),
        ({"stage": "sending"}, 3),
        ({"stage": "removing"}, 3),
        ({"stage": "refused"}, None),
        ({"stage": "sent", "moderation": "ready"}, None),
        ({"stage": "sent", "moderation": "waiting"}, None),  # the service does not tell
        ({"stage": "sent", "moderation": "waiting", "due_at": "2026-11-23T12:00Z"}, 300),
    ],
)
def test_rows_and_card_ask_again_only_while_something_may_change(operator, fields, seconds):
    record = make_record(**fields)
    for url, name in ((ROWS, "rows"), (f"{LIST}{record.pk}/state/", "state")):
        fragment = operator.get(url).content.decode().strip()
        assert re.match(rf'<\w+ id="{name}"', fragment)
        assert ("hx-trigger" in fragment) == bool(seconds)
        assert seconds is None or f'hx-trigger="every {seconds}s"' in fragment


def test_the_page_holds_the_same_rows_as_the_fragment(operator):
    make_record(stage="waiting")
    assert operator.get(ROWS).content.decode().strip() in operator.get(LIST).content.decode()


def test_polling_keeps_the_filters(operator):
    make_record(name="Скидки", stage="waiting")
    assert 'hx-get="/records/rows/?q=%D0%A1' in operator.get(f"{LIST}?q=Скидки").content.decode()


def test_an_unchanged_fragment_is_not_sent_again(operator):
    record = make_record(stage="sent", moderation="ready")
    for url in (ROWS, f"{LIST}{record.pk}/state/"):
        first = operator.get(url)
        again = operator.get(url, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304


def test_the_list_takes_few_queries_however_long(operator, django_assert_max_num_queries):
    account = make_account()
    for _ in range(5):
        make_campaign(make_record(account, stage="sent"))
    with django_assert_max_num_queries(6):
        operator.get(ROWS)


# One record


def test_the_card_tells_everything(operator):
    record = make_record(name="Долг", text="Истекает срок оплаты", stage="sent", moderation="ready")
    make_campaign(record, name="Осенний обзвон")
    page = text_of(operator.get(record.get_absolute_url()))
    for words in (
        "Долг",
        "Истекает срок оплаты",
        "Готов",
        "Осенний обзвон",
        str(record.service_id),
    ):
        assert words in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"stage": "sent", "moderation": "waiting", "due_at": "2026-11-23T12:00Z"},
            "ещё на модерации",
        ),
        ({"stage": "sent", "moderation": "unknown"}, "не сообщает"),
        (
            {"stage": "sent", "moderation": "unknown", "service_status": "xyz"},
            "Сервис говорит: «xyz»",
        ),
        ({"stage": "sent", "moderation": "rejected"}, "причину модератор не написал"),
        (
            {"stage": "sent", "moderation": "rejected", "moderator_comment": "шум"},
            "Ролик отклонён: «шум»",
        ),
        ({"stage": "refused", "error": "Мало денег."}, "Мало денег."),
        (
            {"stage": "waiting", "error": "Молчит.", "due_at": "2026-11-23T12:00Z"},
            "Следующая попытка",
        ),
    ],
)
def test_the_card_says_what_is_the_matter(operator, fields, words):
    assert words in text_of(operator.get(make_record(**fields).get_absolute_url()))


def test_the_card_of_a_switched_off_account_says_why_it_waits(operator):
    record = make_record(make_account(name="Старая", is_active=False), stage="waiting")
    assert "«Старая» выключена" in text_of(operator.get(record.get_absolute_url()))


def test_a_refused_record_is_sent_again(operator):
    record = make_record(stage="refused", error="Нет денег")
    page = text_of(operator.get(record.get_absolute_url()))
    retry = f"{LIST}{record.pk}/retry/"
    assert retry in page
    assert operator.post(retry).url == record.get_absolute_url()
    record.refresh_from_db()
    assert (record.stage, record.error) == ("waiting", "")


def test_a_second_click_on_retry_changes_nothing(operator):
    record = make_record(stage="sending")
    answer = operator.post(f"{LIST}{record.pk}/retry/", follow=True)
    assert "уже отправлен" in text_of(answer)
    assert Record.objects.get().stage == "sending"


def test_a_record_is_renamed(operator):
    record = make_record()
    url = f"{LIST}{record.pk}/rename/"
    assert operator.post(url, {"name": "Другое"}).url == record.get_absolute_url()
    assert Record.objects.get().name == "Другое"


def test_a_bad_name_keeps_what_was_typed(operator):
    record = make_record()
    answer = operator.post(f"{LIST}{record.pk}/rename/", {"name": "я" * 121})
    assert answer.status_code == 422
    assert "я" * 121 in text_of(answer)
    assert Record.objects.get().name == "Приветствие"


def test_a_record_on_its_way_is_not_renamed(operator):
    record = make_record(stage="sending")
    answer = operator.post(f"{LIST}{record.pk}/rename/", {"name": "Другое"})
    assert answer.status_code == 422
    assert "сейчас отправляется" in text_of(answer)


def test_a_record_is_removed_after_a_question(operator):
    record = make_record(name="Лишний", stage="sent")
    assert "data-confirm" in text_of(operator.get(record.get_absolute_url()))
    answer = operator.post(f"{LIST}{record.pk}/remove/", follow=True)
    assert "«Лишний» удаляется" in text_of(answer)
    assert Record.objects.get().stage == "removing"


def test_a_record_of_a_running_campaign_stays(operator):
    record = make_record(stage="sent")
    make_campaign(record, name="Осенний обзвон")
    answer = operator.post(f"{LIST}{record.pk}/remove/", follow=True)
    assert "играет в обзвоне «Осенний обзвон»" in text_of(answer)
    assert Record.objects.get().stage == "sent"


def test_a_record_on_its_way_is_not_removed(operator):
    record = make_record(stage="sending")
    answer = operator.post(f"{LIST}{record.pk}/remove/", follow=True)
    assert "чуть позже" in text_of(answer)
    assert Record.objects.get().stage == "sending"


# The sound


def test_the_sound_plays_from_us_and_in_parts(operator):
    content = wav()
    record = make_record(content=content)
    url = f"{LIST}{record.pk}/sound/"
    whole = operator.get(url)
    assert whole.getvalue() == content
    assert whole["Content-Type"] == "audio/wav"
    assert whole["Accept-Ranges"] == "bytes"
    part = operator.get(url, headers={"Range": "bytes=44-143"})
    assert (part.status_code, part.getvalue()) == (206, content[44:144])
    assert part["Content-Range"] == f"bytes 44-143/{len(content)}"
    assert operator.get(url, headers={"Range": "bytes=999999-"}).status_code == 416


def test_the_sound_of_a_text_is_fetched_once_and_kept(operator, service):
    content = wav()
    service.answers["fetch_sound"] = content
    record = make_record(text="Привет", kind="", stage="sent", service_path="/sounds/5.wav")
    url = record.preview_url()
    assert operator.get(url).getvalue() == content
    assert operator.get(url).getvalue() == content
    assert service.asked == [("fetch_sound", "/sounds/5.wav")]


def test_a_sound_that_is_not_there_yet_is_no_error_page(operator, service):
    service.answers["fetch_sound"] = Unreachable()
    record = make_record(text="Привет", stage="sent", service_path="/sounds/5.wav")
    assert operator.get(record.preview_url()).status_code == 503
    nothing = make_record(text="Привет", stage="waiting")
    assert nothing.preview_url() == ""
    assert operator.get(f"{LIST}{nothing.pk}/sound/").status_code == 404


def test_a_lost_file_is_not_found(operator):
    record = make_record(content=wav())
    record.file.storage.delete(record.file.name)
    assert operator.get(f"{LIST}{record.pk}/sound/").status_code == 404


# Who may


VIEWS = ("list", "rows", "upload", "speak")
OF_ONE = ("record", "state", "sound", "rename", "retry", "remove")


def addresses(record):
    yield from (reverse(f"records:{name}") for name in VIEWS)
    yield from (reverse(f"records:{name}", args=[record.pk]) for name in OF_ONE)


def test_managers_have_no_library(manager):
    for url in addresses(make_record()):
        assert manager.get(url).status_code in {403, 405}
        assert manager.post(url).status_code in {403, 405}


def test_nobody_gets_in_without_a_login(client, db):
    for url in addresses(make_record(content=wav())):
        answer = client.get(url)
        answer = client.post(url) if answer.status_code == 405 else answer
        assert answer.url.startswith("/login/")


@pytest.mark.parametrize("name", ["rename", "retry", "remove"])
def test_deeds_are_posts(operator, name):
    assert operator.get(reverse(f"records:{name}", args=[make_record().pk])).status_code == 405


@pytest.mark.parametrize("name", ["record", "state", "sound"])
def test_looking_is_no_deed(operator, name):
    assert operator.post(reverse(f"records:{name}", args=[make_record().pk])).status_code == 405


@pytest.mark.parametrize("name", OF_ONE)
def test_a_record_that_is_gone_is_not_found(operator, name):
    url = reverse(f"records:{name}", args=[make_record(stage="removed").pk])
    answer = operator.get(url)
    answer = operator.post(url) if answer.status_code == 405 else answer
    assert answer.status_code == 404


def test_an_admin_may_all_an_operator_may(admin):
    for url in addresses(make_record(content=wav())):
        answer = admin.get(url)
        assert answer.status_code in {200, 405}
        assert answer.getvalue() is not None  # read to its end, so that the file is closed
