"""Which zone a number or a cell belongs to; when in doubt, none."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.rules import regions, zones
from calls.rules.zones import NUMBERING, ZONE_AT, ZONES, possible, zone_named, zone_of

# Every subject of the federation as lists and the registry call it: hours ahead of UTC; None: more
# than one time is kept there.
SUBJECTS = """
2 Калининградская область
3 Республика Адыгея (Адыгея)|Республика Дагестан|Республика Ингушетия
3 Кабардино-Балкарская Республика|Республика Калмыкия|Карачаево-Черкесская Республика
3 Республика Карелия|Республика Коми|Республика Крым|Республика Марий Эл|Республика Мордовия
3 Республика Северная Осетия - Алания|Республика Татарстан (Татарстан)|Чеченская Республика
3 Чувашская Республика - Чувашия|Донецкая Народная Республика|Луганская Народная Республика
3 Краснодарский край|Ставропольский край|Архангельская область|Белгородская область
3 Брянская область|Владимирская область|Волгоградская область|Вологодская область
3 Воронежская область|Запорожская область|Ивановская область|Калужская область
3 Кировская область|Костромская область|Курская область|Ленинградская область
3 Липецкая область|Московская область|Мурманская область|Нижегородская область
3 Новгородская область|Орловская область|Пензенская область|Псковская область
3 Ростовская область|Рязанская область|Смоленская область|Тамбовская область
3 Тверская область|Тульская область|Херсонская область|Ярославская область
3 г. Москва|г. Санкт-Петербург|г. Севастополь|Ненецкий автономный округ
4 Удмуртская Республика|Астраханская область|Самарская область|Саратовская область
4 Ульяновская область
5 Республика Башкортостан|Пермский край|Курганская область|Оренбургская область
5 Свердловская область|Тюменская область|Челябинская область
5 Ханты-Мансийский автономный округ - Югра|Ямало-Ненецкий автономный округ
6 Омская область
7 Республика Алтай|Республика Тыва|Республика Хакасия|Алтайский край|Красноярский край
7 Кемеровская область - Кузбасс|Новосибирская область|Томская область
8 Республика Бурятия|Иркутская область
9 Забайкальский край|Амурская область
10 Приморский край|Хабаровский край|Еврейская автономная область
11 Магаданская область|Сахалинская область
12 Камчатский край|Чукотский автономный округ
- Республика Саха (Якутия)
"""
EACH = [
    (name, ZONE_AT[int(hours)] if hours != "-" else "")
    for hours, names in (line.split(" ", 1) for line in SUBJECTS.strip().splitlines())
    for name in names.split("|")
]


def test_zones_go_from_west_to_east_and_never_change_their_clocks():
    for hours, zone in ZONE_AT.items():
        for month in (1, 7):
            moment = datetime(2027, month, 1, tzinfo=ZoneInfo(zone))
            assert moment.utcoffset() == timedelta(hours=hours)
    assert list(ZONE_AT.values()) == list(ZONES)


def test_all_89_subjects_of_the_federation_are_known():
    assert len(EACH) == 89


@pytest.mark.parametrize(("name", "zone"), EACH, ids=[name for name, _zone in EACH])
def test_a_region_is_understood_however_it_is_written(name, zone):
    short = name.replace("область", "обл.").replace("Республика", "Респ.").replace("ё", "е")
    word = name.removeprefix("Республика ").removeprefix("г. ")
    turned = f"{word} Респ" if word != name else name
    for text in (name, short, turned, name.upper(), f"  {name} "):
        assert zone_named(text) == zone, text


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        *(("Asia/Omsk", 6), ("asia/novosibirsk", 7), ("Europe/Volgograd", 3), ("Asia/Anadyr", 12)),
        *(("UTC+5", 5), ("utc +05:00", 5), ("GMT+5", 5), ("UTC+12", 12)),
        *(("МСК+2", 5), ("мск +2", 5), ("МСК-1", 2), ("МСК−1", 2), ("MSK+9", 12), ("МСК", 3)),
        *(("(UTC+05:00) Екатеринбург", 5), ("Калининград, UTC+2", 2), ("МСК+9 (Камчатка)", 12)),
        *(("Москва", 3), ("Екатеринбург", 5), ("СПб", 3), ("Орёл", 3), ("Ростов-на-Дону", 3)),
        *(("ХМАО", 5), ("ХМАО-Югра", 5), ("ЯНАО", 5), ("Башкирия", 5), ("КЧР", 3), ("Тува", 7)),
        *(("Якутск", 9), ("Якутия, г. Якутск", 9), ("Амурская область, Благовещенск", 9)),
        *(("Ханты - Мансийский - Югра АО", 5), ("Ямало-Ненецкий АО", 5), ("Еврейская Аобл", 10)),
        *(("Москва и Московская область", 3), ("г. Норильск|Красноярский край", 7)),
        *(("Свердловская область г. Реж", 5), ("Тюменская обл., Тобольский р-н", 5)),
        *(("Moscow", 3), ("Yekaterinburg", 5), ("Ekaterinburg Standard Time", 5), ("YEKT", 5)),
        *(("Moscow Oblast", 3), ("Republic of Tatarstan", 3), ("Kamchatka", 12)),
        *(("Московское время", 3), ("Донецкая респ. народная", 3)),
    ],
)
def test_other_ways_to_name_a_zone(text, hours):
    assert zone_named(text) == ZONE_AT[hours]


@pytest.mark.parametrize(
    "text",
    [
        "Якутия",
        "Саха",
        "Республика Саха /Якутия/",
        "Якутия, г. Мирный",
        "Благовещенск",
        "Москва, Омск",
        "+5",  # of UTC, or of Moscow?
        "+10",
    ],
)
def test_a_place_with_several_times_has_no_zone_rather_than_a_wrong_one(text):
    assert zone_named(text) == ""


NOT_UNDERSTOOD = (
    "|  |5|+|+1|+13|UTC+1|UTC|GMT-5|МСК+10|+79123456789|+5 000|Россия|Asia/Tokyo|Etc/GMT-5"
    "|Железногорск|Приморский район|АО|обл.|-|Иванов Пётр|Урал"
)


@pytest.mark.parametrize("text", NOT_UNDERSTOOD.split("|"))
def test_what_is_not_understood_is_said_to_be_so(text):
    assert zone_named(text) is None


@given(st.text())
def test_any_text_is_a_zone_or_nothing(text):
    assert zone_named(text) in {None, "", *ZONES}


def test_a_name_stands_for_one_zone_only():
    seen: dict[str, int] = {}
    for hours, text in regions.NAMES.items():
        for name in text.replace("\n", ";").split(";"):
            if name := name.strip():
                assert seen.setdefault(name, hours) == hours, name
                assert zones.key_of(name) == name  # or it would never be found
    assert not seen.keys() & set(regions.SEVERAL.split("; "))


@pytest.mark.parametrize(
    ("phone", "hours"),
    [
        *(("74951234567", 3), ("78121234567", 3), ("74012123456", 2), ("78462123456", 4)),
        *(("73432123456", 5), ("73812123456", 6), ("73832123456", 7), ("73952123456", 8)),
        *(("73022123456", 9), ("74232123456", 10), ("74242123456", 11), ("74152123456", 12)),
        *(("78452123456", 4), ("78442123456", 3)),
        # Mobiles: whole thousands of codes that belong to a region for decades.
        *(("79161234567", 3), ("79211234567", 3), ("79122212345", 5), ("79139123456", 7)),
    ],
)
def test_a_number_tells_its_zone_by_the_plan(phone, hours):
    assert zone_of(phone) == ZONE_AT[hours]


@pytest.mark.parametrize(
    "phone",
    ["78001234567", "74112123456", "73362212345", "77011234567", "70000000000", "", "12025550123"],
)
def test_a_number_that_tells_nothing_has_no_zone(phone):
    assert zone_of(phone) == ""


def test_the_ends_of_a_range_belong_to_it_and_their_neighbours_do_not():
    lines = NUMBERING.read_text().splitlines()
    ranges = [line.split() for line in lines if not line.startswith("#")]
    known = {first for first, _last, _hours in ranges}
    for first, last, hours in ranges[:: len(ranges) // 200]:
        assert zone_of(first) == zone_of(last) == ZONE_AT[int(hours)]
        after = str(int(last) + 1)
        if after not in known:
            assert zone_of(after) == ""


def test_the_plan_is_in_order_without_overlaps_and_says_where_it_is_from():
    text = NUMBERING.read_text()
    assert "registry of the Russian numbering plan" in text.splitlines()[1]
    assert NUMBERING.stat().st_size < 500_000
    ends = [int(end) for line in text.splitlines() if line[0] != "#" for end in line.split()[:2]]
    assert ends == sorted(ends)
    assert len(set(map(len, map(str, ends)))) == 1


def test_an_unknown_zone_may_be_any():
    assert list(possible("Asia/Omsk")) == ["Asia/Omsk"]
    assert list(possible("")) == list(possible("Asia/Tokyo")) == list(ZONES)
