"""The list of scenarios, a new one, and its end."""

from django.urls import reverse

from calls.models import Scenario
from calls.services import publishing
from tests.calls.scenarios import NOW, document, key, make_campaign, make_scenario, make_version
from tests.factories import make_account


def page(scenario) -> str:
    return reverse("calls:scenario", args=[scenario.pk])


def text(answer) -> str:
    return answer.content.decode()


def test_an_empty_list_offers_examples_that_become_drafts_at_a_click(operator):
    account = make_account()
    answer = operator.get(reverse("calls:scenarios"))
    assert "Здесь появятся сценарии" in text(answer)
    assert text(answer).count('name="example"') == 5
    made = operator.post(reverse("calls:scenario-new"), {"account": account.pk, "example": "debt"})
    scenario = Scenario.objects.get()
    assert made.url == page(scenario)
    assert scenario.name == "Напоминание о долге"
    assert scenario.created_by.username == "operator"


def test_the_list_without_an_account_says_what_is_missing(operator):
    answer = text(operator.get(reverse("calls:scenarios")))
    assert "Сначала нужна учётная запись API" in answer
    assert reverse("calls:scenario-new") not in answer


def test_the_list_tells_drafts_from_versions_and_where_they_play(operator):
    make_scenario(name="Набросок")
    version = make_version(make_scenario(name="В деле"))
    make_campaign(version)
    answer = text(operator.get(reverse("calls:scenarios")))
    assert "Черновик" in answer
    assert "Версия 1" in answer
    assert "есть правки" not in answer
    publishing.save_draft(
        version.scenario, "В деле", document(key(8)), revision=1, actor=None, now=NOW
    )
    assert "есть правки" in text(operator.get(reverse("calls:scenarios")))


def test_the_list_asks_the_database_the_same_for_one_and_for_many(
    operator, django_assert_max_num_queries
):
    for _scenario in range(12):
        make_version()
    with django_assert_max_num_queries(12):
        operator.get(reverse("calls:scenarios"))


def test_the_archive_is_a_list_of_its_own(operator):
    version = make_version(make_scenario(name="Прошлогодний"))
    operator.post(reverse("calls:scenario-remove", args=[version.scenario.pk]))
    assert "Прошлогодний</a>" not in text(operator.get(reverse("calls:scenarios")))
    assert "Прошлогодний</a>" in text(operator.get(reverse("calls:scenarios") + "?archive"))


def test_a_new_scenario_of_nonsense_is_not_made(operator):
    answer = operator.post(reverse("calls:scenario-new"), {"account": "x", "example": "y"})
    assert answer.status_code == 422
    assert not Scenario.objects.exists()


def test_a_new_scenario_page_names_all_examples(operator):
    make_account()
    answer = text(operator.get(reverse("calls:scenario-new")))
    assert answer.count('type="radio" name="example"') == 6


def test_a_draft_is_removed_and_a_published_one_put_away(operator):
    draft, version = make_scenario(), make_version()
    for scenario in (draft, version.scenario):
        answer = operator.post(reverse("calls:scenario-remove", args=[scenario.pk]))
        assert answer.url == reverse("calls:scenarios")
        assert operator.get(page(scenario)).status_code == 404
    assert Scenario.objects.get() == version.scenario
    restored = operator.post(reverse("calls:scenario-restore", args=[version.scenario.pk]))
    assert operator.get(restored.url).status_code == 200


def test_a_playing_scenario_is_not_put_away_and_the_page_says_why(operator):
    version = make_version()
    make_campaign(version, name="Ноябрьский")
    answer = operator.post(
        reverse("calls:scenario-remove", args=[version.scenario.pk]), follow=True
    )
    assert "Сценарий звучит в обзвоне «Ноябрьский»" in text(answer)
    assert Scenario.objects.shown().exists()
