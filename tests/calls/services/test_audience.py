"""Whom a campaign would call: each contact counted once, under its first reason."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from calls.models import BlockedPhone, Call, Campaign, Contact
from calls.services import audience, blocking
from calls.services.audience import Terms
from tests.calls.lists import counted, make_contact, make_list
from tests.calls.makers import NOW, make_order, make_phones
from tests.factories import make_account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def terms(*texts, consent=True, days=None, is_harmless=True) -> Terms:
    return Terms(consent, audience.since(days, NOW), is_harmless, texts)


def asides(contact_list, given: Terms) -> dict:
    return dict(audience.count(contact_list, given, now=NOW).set_aside)


def test_everybody_is_called_where_nothing_stands_against_it():
    found = audience.count(make_list([{"zone": "Asia/Omsk"}, {}, {}]), terms(), now=NOW)
    assert dict(found.by_zone) == {"Asia/Omsk": 1, "Europe/Moscow": 2}
    assert (found.to_call, dict(found.set_aside), dict(found.lacking)) == (3, {}, {})


def test_other_lists_do_not_count():
    make_list(5)
    assert audience.count(make_list(2), terms(), now=NOW).to_call == 2


def test_only_a_block_in_force_and_for_all_sets_aside():
    phones = make_phones(3)
    blocking.block(phones[:1], source=BlockedPhone.Source.HAND)
    blocking.block(phones[1:2], source=BlockedPhone.Source.HAND, expires_at=NOW, now=NOW - DAY)
    campaign = make_order(1).campaign
    blocking.block(phones[2:], source=BlockedPhone.Source.KEY, campaign=campaign)
    assert asides(make_list(phones), terms()) == {"blocked": 1}


def test_contacts_without_a_consent_are_set_aside_unless_it_is_not_needed():
    tomorrow = (NOW + DAY).date()
    mine = make_list([{"consent_on": None}, {"consent_on": tomorrow}, {"consent_on": NOW.date()}])
    assert asides(mine, terms()) == {"no_consent": 2}
    assert asides(mine, terms(consent=False)) == {}


def test_whoever_was_called_lately_is_set_aside_and_whoever_was_not_rung_is_not():
    rung, refused, earlier = (make_order(1, now=NOW - DAY).calls.get() for _ in range(3))
    Call.objects.filter(pk__in=[rung.pk, refused.pk]).update(sent_at=NOW - DAY)
    Call.objects.filter(pk=refused.pk).update(stage="refused")
    Call.objects.filter(pk=earlier.pk).update(sent_at=NOW - 9 * DAY)
    mine = make_list([rung.phone, refused.phone, earlier.phone])
    assert asides(mine, terms(days=7)) == {"called_lately": 1}
    assert asides(mine, terms()) == {}


def test_a_rehearsal_sets_nobody_aside_where_real_people_are_rung():
    rehearsed = make_order(1).calls.get().phone
    account = make_account(base_url="https://calls.example/apiCalls", use_duty_phone=True)
    own, rung = (make_order(1, account=account).calls.get() for _ in range(2))
    Campaign.objects.filter(pk=own.campaign_id).update(purpose="own")
    Campaign.objects.filter(pk=rung.campaign_id).update(purpose="service")
    mine = make_list([rehearsed, own.phone, rung.phone])
    assert asides(mine, terms(days=7)) == {"called_lately": 3}
    assert asides(mine, terms(days=7, is_harmless=False)) == {"called_lately": 1}


def test_who_lacks_a_value_is_set_aside_and_each_variable_says_how_many_lack_it():
    mine = make_list(
        [
            {"сумма": "5", "дата": "1 мая"},
            {"сумма": "  ", "дата": "1 мая"},
            {"дата": ""},
            {"сумма": "5", "дата": "2 мая"},
        ]
    )
    found = audience.count(mine, terms("{Сумма} до {дата}"), now=NOW)
    assert (dict(found.set_aside), found.to_call) == ({"no_value": 2}, 2)
    assert dict(found.lacking) == {"сумма": 2, "дата": 1}


def test_names_with_quotes_and_dots_are_names_like_others():
    odd = 'it\'s "5.0" % __lt'
    mine = make_list([{odd: "1"}, {odd: ""}])
    assert asides(mine, terms("{" + odd + "}")) == {"no_value": 1}


def test_a_value_is_found_however_the_json_was_written():
    mine = make_list([{"сумма": "5"}, {}])
    table = Contact._meta.db_table
    with connection.cursor() as cursor:
        plain = json.dumps({"сумма": "5"}, ensure_ascii=False)
        cursor.execute(f"UPDATE {table} SET variables = %s", [plain])  # noqa: S608
    assert asides(mine, terms("{сумма}")) == {}


def test_the_name_of_a_contact_is_a_variable_unless_a_column_is_called_so():
    mine = make_list([{"name": "Анна"}, {"name": ""}, {"name": "Пётр", "имя": ""}])
    assert asides(mine, terms("Здравствуйте, {имя}!")) == {"no_value": 2}


def test_where_every_row_has_a_value_nobody_looks_for_it(django_assert_num_queries):
    mine = make_list([{"сумма": "5"}, {"сумма": "6"}])
    with django_assert_num_queries(1) as asked:
        assert asides(mine, terms("{сумма}")) == {}
    assert "variables" not in asked.captured_queries[0]["sql"]


def test_a_text_that_its_values_make_too_long_is_set_aside():
    mine = make_list([{"адрес": "у" * 20}, {"адрес": "у" * 24}, {"адрес": "у" * 25}])
    assert asides(mine, terms("a" * 1000 + "{адрес}")) == {"too_long": 1}
    assert asides(mine, terms("a" * 977 + "{адрес}{адрес}")) == {"too_long": 2}


def test_a_contact_needs_the_values_of_both_texts_that_are_compared():
    mine = make_list([{"а": "1", "б": "1"}, {"а": "1"}, {"б": "1"}])
    assert asides(mine, terms("{а}", "{б}")) == {"no_value": 2}


def test_a_contact_with_several_reasons_is_counted_once_under_the_first():
    phone = make_phones(1)[0]
    blocking.block([phone], source=BlockedPhone.Source.HAND)
    mine = make_list([{"phone": phone, "consent_on": None}, {"consent_on": None}])
    assert asides(mine, terms("{сумма}")) == {"blocked": 1, "no_consent": 1}


def test_unknown_variables_are_those_that_no_contact_has():
    mine = make_list([{"сумма": "5", "пусто": ""}])
    assert audience.unknown(mine, ["имя", "сумма", "пусто", "сума"]) == ["пусто", "сума"]


def test_the_longest_text_is_known_from_the_list_alone():
    mine = make_list([{"сумма": "5"}, {"сумма": "500"}])
    assert audience.longest(mine, "К оплате {сумма}, {сумма}") == 10 + 1 + 3 + 3
    assert audience.longest(mine, "{имя}") == 200


def test_contacts_are_found_by_the_length_of_their_text():
    mine = make_list([{"сумма": "5"}, {"сумма": "500"}, {}])
    rows = Contact.objects.order_by(audience.by_length(mine, "{сумма}"))
    assert [row.variables.get("сумма") for row in rows] == ["500", "5", None]
    lacking = Contact.objects.filter(audience.lacking_any(mine, ["сумма"]))
    assert [row.variables for row in lacking] == [{}]


def test_a_list_that_has_grown_since_is_counted_as_it_is():
    mine = counted(make_list(1))
    make_contact(mine)
    assert audience.count(mine, terms(), now=NOW).to_call == 2
