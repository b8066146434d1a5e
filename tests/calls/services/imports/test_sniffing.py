"""What a file is, by what stands in it."""

import pytest

from calls.services.imports.columns import Mapping, guess
from calls.services.imports.errors import NotAList
from calls.services.imports.sniffing import (
    codec_of,
    encoding_of,
    format_of,
    has_header,
    separator_of,
)

TEXT = "Телефон;Фамилия Имя Отчество;Город\n" + (
    "+7 (912) 345-67-89;Щербакова Юлия Эдуардовна;Екатеринбург\n"
    "89123456780;Ёлкин Пётр Ильич;Нижний Тагил\n" * 5
)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp866", "utf-16"])
def test_encodings(encoding):
    assert encoding_of(TEXT.encode(encoding)) == encoding


def test_a_mark_in_front_and_utf16_without_one():
    assert encoding_of(TEXT.encode("utf-8-sig")) == "utf-8"
    for codec in ("utf-16-le", "utf-16-be"):
        raw = TEXT.encode(codec)
        assert encoding_of(raw) == "utf-16"
        assert codec_of("utf-16", raw) == codec


def test_a_letter_cut_in_two_at_the_end_of_the_sample_is_no_other_encoding():
    assert encoding_of("79123456789;Я".encode()[:-1]) == "utf-8"


def test_digits_alone_are_utf8():
    assert encoding_of(b"79123456789\n" * 5) == "utf-8"


@pytest.mark.parametrize("separator", list(";,\t|"))
def test_separators(separator):
    lines = TEXT.replace(";", separator).splitlines()
    assert separator_of(lines) == separator


def test_commas_inside_cells_do_not_separate():
    lines = ["тел;адрес", '79123456789;"Омск, Мира, 5"', '79123456780;"Омск, Мира, 6"']
    assert separator_of(lines) == ";"
    assert separator_of(["79123456789", "79123456780"]) == ";"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "пустой"),
        (b"\n\n  \n", "пустой"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "картинка"),
        (b"\xff\xd8\xff\xe0JFIF", "картинка"),
        (b"%PDF-1.7\n", "PDF"),
        (b"MZ\x90\0\3\0\0\0", "программа"),
        (b"Rar!\x1a\x07", "архив"),
        (b"{\\rtf1", "документ"),
        (b"<!DOCTYPE html><html>", "веб-страница"),
        (bytes(range(256)) * 4, "не текст"),
    ],
)
def test_no_lists(head, words):
    with pytest.raises(NotAList, match=words):
        format_of(head, None)


def test_texts_that_begin_like_pictures_are_texts():
    assert format_of(b"BMW;79123456789\n", None) == "csv"
    assert format_of(b"MZ;79123456789\n", None) == "csv"
    assert format_of("тел\n7".encode("utf-16"), None) == "csv"


@pytest.mark.parametrize(
    ("names", "kind"),
    [(["xl/workbook.xml"], "xlsx"), (["mimetype", "content.xml"], "ods")],
)
def test_spreadsheets_are_zips(names, kind):
    assert format_of(b"PK\3\4", names) == kind


@pytest.mark.parametrize("names", [["word/document.xml"], ["photo.jpg"], []])
def test_other_zips_are_no_lists(names):
    with pytest.raises(NotAList):
        format_of(b"PK\3\4", names)


def test_headers():
    assert has_header([["Телефон", "Имя"], ["79123456789", "Иван"]])
    assert not has_header([["79123456789", "Иван"], ["79123456780", "Пётр"]])
    assert not has_header([["12345", "7"], ["79123456780", "8"]])


def test_columns_by_their_titles():
    titles = [
        "№",
        "Моб. телефон",
        "ФИО клиента",
        "Регион",
        "Дата согласия",
        "Согласие",
        "Сумма",
        "Сумма",
    ]
    assert guess(titles, []) == Mapping(
        phone=1,
        name=2,
        zone=3,
        consent_on=4,
        consent_source=5,
        variables={"№": 0, "сумма": 6, "сумма 2": 7},
    )


def test_english_titles():
    titles = ["Phone", "Full name", "Time zone", "Consent date", "Consent document", "Amount"]
    assert guess(titles, []) == Mapping(
        phone=0, name=1, zone=2, consent_on=3, consent_document=4, variables={"amount": 5}
    )


def test_what_stands_in_a_column_outweighs_its_title():
    rows = [["", "Иван", "89123456789"], ["", "Пётр", "+7 912 345 67 80"]]
    assert guess(["Телефон", "Имя", "Контакт 1"], rows).phone == 2
    assert guess(["", "", ""], rows).phone == 2


def test_without_numbers_nothing_is_the_phone():
    assert guess(["Имя", "Город"], [["Иван", "Омск"]]).phone is None


def test_mapping_problems_are_sentences():
    assert "столбец с номерами" in Mapping().problems(2)[0]
    assert "нет такого столбца" in Mapping(phone=5).problems(2)[0]
    assert "дважды" in Mapping(phone=0, name=0).problems(2)[0]
    assert "Имя переменной" in Mapping(phone=0, variables={"": 1}).problems(2)[0]
    assert Mapping(phone=0, variables={"сумма": 1}).problems(2) == []


def test_a_mapping_is_kept_and_read_back():
    mapping = Mapping(phone=1, variables={"сумма": 0})
    assert Mapping.from_json(mapping.as_json()) == mapping
