import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from calls.ivr.document import Sound
from calls.services import publishing
from tests.calls.scenarios import (
    NOW,
    document,
    key,
    make_campaign,
    make_record,
    make_scenario,
    make_version,
)
from tests.factories import make_user


def of(version, name="scenario-version") -> str:
    return reverse(f"calls:{name}", args=[version.scenario.pk, version.number])


def text(answer) -> str:
    return answer.content.decode()


def edit(version, *steps, actor=None):
    scenario = version.scenario
    return publishing.save_draft(
        scenario,
        scenario.name,
        document(*(steps or (key(9),))),
        revision=scenario.draft_revision,
        actor=actor,
        now=NOW,
    )


def listed(client, version) -> str:
    return text(client.get(reverse("calls:scenario-versions", args=[version.scenario.pk])))


def changes(answer: str) -> list[str]:
    """Each change of a page as one line of words."""
    items = re.findall(r'<li class="sc-change">(.*?)</li>', answer, re.DOTALL)
    return [" ".join(strip_tags(item).split()) for item in items]


def test_versions_are_listed_newest_first_with_where_they_play(operator):
    first = make_version()
    second = make_version(edit(first))
    campaign = make_campaign(first, name="Ноябрьский", state="done")
    answer = listed(operator, first)
    assert answer.index(of(second)) < answer.index(of(first))
    assert f'<a href="{campaign.get_absolute_url()}">Ноябрьский</a>' in answer
    assert "Завершён" in answer
    assert of(first, "scenario-ways") in answer
    assert of(second, "scenario-ways") not in answer  # nobody has heard it


def test_a_version_in_the_list_tells_how_much_is_new_in_it(operator):
    first = make_version()
    make_version(edit(first, key(1, sms="Ждём"), key(2), key(3)))
    answer = listed(operator, first)
    assert "добавлен 1, изменён 1" in answer
    assert "Первая версия" in answer


def test_a_list_names_three_campaigns_of_a_version_and_counts_the_others(operator):
    version = make_version()
    for number in range(1, 6):
        make_campaign(version, name=f"Обзвон-{number}")
    answer = listed(operator, version)
    assert re.findall(r"Обзвон-\d", answer) == ["Обзвон-5", "Обзвон-4", "Обзвон-3"]
    assert "и ещё 2" in answer


def test_more_versions_ask_no_more_of_the_database(operator, django_assert_max_num_queries):
    version = make_version()
    path = reverse("calls:scenario-versions", args=[version.scenario.pk])
    with CaptureQueriesContext(connection) as asked:
        operator.get(path)
    for digit in range(3, 7):
        version = make_version(edit(version, key(1), key(digit)))
        make_campaign(version)
    with django_assert_max_num_queries(len(asked)):
        operator.get(path)


def test_a_draft_with_edits_stands_above_the_versions(operator):
    version = make_version()
    assert "Черновик" not in listed(operator, version)
    edit(version, key(1, label="Оплатит"), key(2), actor=make_user(username="anna"))
    answer = listed(operator, version)
    assert "Черновик, правит anna" in answer
    assert "Не опубликовано: изменён 1" in strip_tags(answer)
    assert changes(answer) == ["Изменено 1 Оплатит Название было — стало Оплатит"]


def test_a_scenario_without_versions_says_how_to_make_one(operator):
    answer = operator.get(reverse("calls:scenario-versions", args=[make_scenario().pk]))
    assert "Первая появится, когда вы опубликуете черновик" in text(answer)


def test_a_version_shows_its_document_and_campaigns(operator):
    version = make_version(make_scenario(key(1, label="<b>Да</b>")))
    campaign = make_campaign(version, name="Ноябрьский")
    answer = text(operator.get(of(version)))
    assert "&lt;b&gt;Да&lt;/b&gt;" in answer
    assert version.sha256 in answer
    assert campaign.get_absolute_url() in answer


def test_a_version_shows_what_it_changed_before_and_after(operator):
    first = make_version()
    second = make_version(edit(first, key(1, sound=Sound(text="До <b>")), key(3, sound=None)))
    answer = text(operator.get(of(second)))
    assert "Чем отличается от версии 1" in answer
    assert changes(answer) == [
        "Изменено 1 Клавиша 1 Текст было Спасибо стало До &lt;b&gt;",
        "Добавлено 2 Клавиша 3 Условие Клавиша 3",
        "Удалено 2 Клавиша 2 Условие Клавиша 2 Текст Спасибо Голос Женский",
    ]
    assert '<del><span class="sc-when">было</span> Спасибо</del>' in answer
    assert "Первая версия: всё в ней новое" in text(operator.get(of(first)))


def test_a_version_names_the_records_that_changed(operator):
    scenario = make_scenario()
    record = make_record(scenario.account, name="Осень")
    played = key(1, sound=Sound("record", record=record.pk))
    version = make_version(edit(make_version(scenario), played, key(2)))
    assert "Ролик было — стало Осень" in changes(text(operator.get(of(version))))[0]


def test_a_version_is_compared_with_any_other(operator):
    first = make_version()
    second = make_version(edit(first, key(1), key(2, sms="Да")))
    third = make_version(edit(second, key(1), key(2, sms="Да"), key(3)))
    assert len(changes(text(operator.get(of(third))))) == 1
    answer = text(operator.get(of(third) + "?against=1"))
    assert "Чем отличается от версии 1" in answer
    assert "<option selected>1</option>" in answer
    assert len(changes(answer)) == 2
    # An older one beside a newer one: what had been added is not there yet.
    assert "Удалено 3 Клавиша 3" in changes(text(operator.get(of(second) + "?against=3")))[0]


@pytest.mark.parametrize("number", ["", "x", "3", "77", "-1", "9" * 30, "²"])
def test_a_version_is_not_compared_with_one_that_is_not_there(operator, number):
    first = make_version()
    third = make_version(edit(make_version(edit(first)), key(7)))
    answer = operator.get(of(third), {"against": number})
    assert answer.status_code == 200
    assert "Чем отличается от версии 2" in text(answer)


def test_a_version_becomes_the_draft_again(operator):
    version = make_version()
    scenario = edit(version)
    data = {"revision": scenario.draft_revision}
    answer = operator.post(of(version, "scenario-return"), data)
    assert answer.url == scenario.get_absolute_url()
    scenario.refresh_from_db()
    assert scenario.draft == version.document
    assert scenario.draft_by.username == "operator"


@pytest.mark.parametrize("revision", ["1", "", "x", "9" * 5000])
def test_a_version_does_not_replace_a_draft_nobody_has_looked_at(operator, revision):
    version = make_version()
    scenario = edit(version)
    answer = operator.post(of(version, "scenario-return"), {"revision": revision}, follow=True)
    assert "черновик изменили" in text(answer)
    scenario.refresh_from_db()
    assert scenario.draft != version.document


def test_a_scenario_in_the_archive_shows_its_versions_and_the_way_back(operator):
    version = make_version()
    publishing.remove(version.scenario, actor=None, now=NOW)
    answer = text(operator.get(reverse("calls:scenario-versions", args=[version.scenario.pk])))
    assert "Вернуть из архива" in answer
    assert "Вернуть как черновик" not in answer
    answer = operator.post(
        of(version, "scenario-return"), {"revision": version.scenario.draft_revision}, follow=True
    )
    assert "черновик изменили" in text(answer)


def test_a_manager_sees_no_versions(manager):
    version = make_version()
    assert manager.get(of(version)).status_code == 403
    assert manager.post(of(version, "scenario-return")).status_code == 403


def test_wrong_methods_and_numbers_are_refused(operator):
    version = make_version()
    assert operator.post(of(version)).status_code == 405
    assert operator.get(of(version, "scenario-return")).status_code == 405
    missing = reverse("calls:scenario-version", args=[version.scenario.pk, 2])
    assert operator.get(missing).status_code == 404
