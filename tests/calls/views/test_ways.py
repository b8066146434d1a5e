import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from calls.ivr.document import Step
from tests.calls.scenarios import (
    key,
    make_campaign,
    make_scenario,
    make_version,
)
from tests.calls.test_ways import make_calls, words


def of(version, campaign=None) -> str:
    path = reverse("calls:scenario-ways", args=[version.scenario.pk, version.number])
    return f"{path}?campaign={campaign.pk}" if campaign else path


def page(client, path: str) -> str:
    return client.get(path).content.decode()


def plain(markup: str) -> str:
    return " ".join(strip_tags(markup.replace("&nbsp;", " ")).split())


@pytest.fixture
def version(db):
    inner = key(2, label="Позже", steps=(key(1, id="k21"), words("да", id="w")))
    return make_version(
        make_scenario(key(1, label="<b>Да</b>"), inner, Step("silence", sms="Ждём"))
    )


def test_the_tree_says_how_many_went_each_way(operator, version):
    campaign = make_campaign(version)
    for answers, number in {"|1|": 5, "|2|": 1, "|2|да|": 1, "": 1, "|7|": 2}.items():
        make_calls(campaign, answers, number)
    answer = page(operator, of(version))
    text = plain(answer)
    assert "Ответили 10 из 10" in text
    assert "Звонков: 5 · 50 % 1 1 &lt;b&gt;Да&lt;/b&gt; Спасибо" in text
    assert "Звонков: 2 · 20 % 2 2 Позже Спасибо" in text
    assert "Звонков: 1 · 50 % 2.2 Слова: да" in text
    assert "Звонков: 1 · 10 % 3 Ждёт молча Промолчали или положили трубку СМС" in text
    assert "Звонков: 2 · 20 % Ответили другое" in text
    assert re.findall(r'<li class="wy-way wy-(\d)', answer) == ["3", "1", "0", "3", "3", "1", "1"]


def test_the_same_numbers_stand_in_a_table(operator, version):
    campaign = make_campaign(version)
    make_calls(campaign, "|1|", 2)
    make_calls(campaign, "|2|да|")
    answer = page(operator, of(version))
    rows = [plain(row) for row in re.findall(r"<tr>(.*?)</tr>", answer, re.DOTALL)]
    assert rows[1:] == [
        "1 &lt;b&gt;Да&lt;/b&gt; 2 66,7 %",
        "2 Позже 1 33,3 %",
        "2.1 Клавиша 1 0 0 %",
        "2.2 Слова: да 1 100 %",
        "3 Ждёт молча 0 0 %",
    ]


def test_calls_of_one_campaign_are_shown_alone(operator, version):
    first, second = make_campaign(version, name="Осень"), make_campaign(version, name="Зима")
    make_calls(first, "|1|", 3)
    make_calls(second, "|1|", 4)
    assert "Ответили 7 из 7" in page(operator, of(version))
    answer = page(operator, of(version, second))
    assert "Ответили 4 из 4" in answer
    assert f'<option value="{second.pk}" selected>Зима' in answer
    assert second.get_absolute_url() in answer


@pytest.mark.parametrize("campaign", ["", "x", "987654321", "9" * 30])
def test_a_campaign_that_does_not_play_the_version_chooses_nothing(operator, version, campaign):
    make_calls(make_campaign(version), "|1|", 3)
    stranger = make_campaign(make_version(make_scenario(key(1), name="Другой")))
    for chosen in (campaign, stranger.pk):
        answer = operator.get(of(version), {"campaign": chosen})
        assert "Ответили 3 из 3" in answer.content.decode()


def test_those_who_still_talk_are_named_apart(operator, version):
    campaign = make_campaign(version)
    make_calls(campaign, "|1|", 3)
    make_calls(campaign, "|1|", 2, is_final=False, status="answered")
    answer = page(operator, of(version))
    assert "Ответили 5 из 5" in answer
    assert "Ещё говорят: 2" in answer


def test_a_version_nobody_answered_says_so(operator, version):
    make_calls(make_campaign(version), answered_at=None, status="busy")
    answer = page(operator, of(version))
    assert "Ещё никто не ответил на звонок с этой версией" in answer
    assert "Передано сервису звонков: 1" in answer
    assert "wy-tree" not in answer


def test_a_campaign_leads_to_where_its_answers_went(operator, manager, version):
    campaign = make_campaign(version)
    assert of(version, campaign) in page(operator, campaign.get_absolute_url())
    assert "Куда пошли ответы" not in page(manager, campaign.get_absolute_url())


def test_a_campaign_without_a_scenario_leads_nowhere(operator, version):
    campaign = make_campaign(version, message="text")
    campaign.scenario_version = None
    campaign.save(update_fields=["scenario_version"])
    assert "Куда пошли ответы" not in page(operator, campaign.get_absolute_url())


def test_wrong_roles_methods_and_numbers_are_refused(operator, manager, version):
    assert manager.get(of(version)).status_code == 403
    assert operator.post(of(version)).status_code == 405
    missing = reverse("calls:scenario-ways", args=[version.scenario.pk, 2])
    assert operator.get(missing).status_code == 404
