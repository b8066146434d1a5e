"""How records are added: by a file and by a text."""

import re

import pytest

from records.models import Record
from tests.factories import make_account
from tests.records.makers import sample, uploaded

LIST = "/records/"
UPLOAD, SPEAK = "/records/upload/", "/records/speak/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


# Upload


def test_a_file_is_kept_and_leaves_for_the_service(operator):
    account = make_account()
    data = {"account": account.pk, "sounds": uploaded("Скидка_осень.wav")}
    assert operator.post(UPLOAD, data).url == LIST
    record = Record.objects.get()
    assert (record.name, record.stage, record.kind) == ("Скидка осень", "waiting", "wav")
    assert record.file_name == "Скидка_осень.wav"
    assert "Скидка" not in record.file.name


def test_several_files_each_have_their_own_luck(operator):
    account = make_account()
    files = [
        uploaded("a.wav"),
        uploaded("b.mp3", b"no sound"),
        uploaded("c.ogg", sample("tone.ogg")),
    ]
    answer = operator.post(UPLOAD, {"account": account.pk, "sounds": files})
    assert answer.status_code == 422
    assert sorted(Record.objects.values_list("name", flat=True)) == ["a", "c"]
    page = text_of(answer)
    assert "Это не аудио" in page
    assert page.count("уходит в сервис") == 2


def test_a_script_gets_the_row_of_its_file_alone(operator):
    account = make_account()
    answer = operator.post(UPLOAD, {"account": account.pk, "sounds": uploaded()}, **HTMX)
    assert answer.status_code == 200
    fragment = answer.content.decode().strip()
    assert fragment.startswith('<section id="results"')
    assert fragment.count("<li") == 1
    refused = operator.post(UPLOAD, {"account": account.pk, "sounds": uploaded("x", b"x")}, **HTMX)
    assert refused.status_code == 422
    assert "Это не аудио" in refused.content.decode()


def test_the_same_file_is_not_kept_twice(operator):
    data = {"account": make_account().pk}
    operator.post(UPLOAD, data | {"sounds": uploaded("one.wav")})
    answer = operator.post(UPLOAD, data | {"sounds": uploaded("two.wav")})
    assert answer.status_code == 422
    assert "Такой файл уже есть: «one»" in text_of(answer)
    assert Record.objects.count() == 1


def test_nothing_chosen_is_said_so(operator):
    answer = operator.post(UPLOAD, {"account": make_account().pk})
    assert answer.status_code == 422
    assert "Выберите файл" in text_of(answer)


def test_without_an_account_nothing_can_be_uploaded(operator):
    assert "добавляет администратор" in text_of(operator.get(UPLOAD))
    answer = operator.post(UPLOAD, {"sounds": uploaded()}, **HTMX)
    assert answer.status_code == 422
    assert "добавляет администратор" in text_of(answer)


def test_the_account_is_asked_for_only_where_there_is_a_choice(operator):
    make_account(name="Первая")
    assert '<select name="account"' not in text_of(operator.get(UPLOAD))
    default = make_account(name="Вторая", is_default=True)
    page = text_of(operator.get(UPLOAD))
    assert f'<option value="{default.pk}" selected>Вторая' in page
    make_account(name="Старая", is_active=False)
    assert "Старая</option>" not in text_of(operator.get(UPLOAD))


# Speech


def test_a_text_is_kept_and_named_by_its_first_words(operator):
    data = {"account": make_account().pk, "gender": 1, "text": "Здравствуйте!\r\nЭто клиника."}
    record_url = operator.post(SPEAK, data).url
    record = Record.objects.get()
    assert record_url == record.get_absolute_url()
    assert record.text == "Здравствуйте!\nЭто клиника."
    assert (record.gender, record.source, record.stage) == (1, "text", "waiting")
    assert record.name == "Здравствуйте! Это клиника"


def test_the_form_says_the_price_and_counts_characters(operator):
    make_account(synthesis_price="0.40")
    page = text_of(operator.get(SPEAK))
    assert "0,40\xa0₽" in operator.get(SPEAK).content.decode()
    assert 'data-counter="1024"' in page


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("я" * 1024, 302),
        ("😀" * 1024, 302),
        ("я\r\n" * 511 + "яя", 302),
        ("я" * 1025, 422),
        ("  ", 422),
    ],
)
def test_a_text_has_from_one_to_1024_characters(operator, text, status):
    data = {"account": make_account().pk, "gender": 0, "text": text, "name": ""}
    assert operator.post(SPEAK, data).status_code == status


def test_a_text_that_is_too_long_is_not_lost(operator):
    text = "начало " + "я" * 1030 + " конец"
    answer = operator.post(SPEAK, {"account": make_account().pk, "gender": 1, "text": text})
    page = text_of(answer)
    assert text in page
    assert "длиннее 1024 знаков на 19" in page
    assert re.search(r'value="1"[^>]*checked', page)
