import re

import pytest
from django.urls import reverse

from calls.ivr.document import Document, Sound, Webhook
from calls.models import Scenario, ScenarioVersion
from calls.services import publishing
from records.models import Record
from tests.calls.scenarios import (
    NOW,
    document,
    key,
    make_record,
    make_scenario,
    posted,
)
from tests.factories import make_account, make_user

EVIL = '"></textarea><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}'


def page(scenario) -> str:
    return reverse("calls:scenario-form", args=[scenario.pk])


def push(client, scenario, action="save", tree=None, **extra):
    return client.post(page(scenario), posted(scenario, tree, action=action, **extra))


def save_as_another(scenario) -> None:
    publishing.save_draft(
        scenario,
        scenario.name,
        document(key(8)),
        revision=scenario.draft_revision,
        actor=make_user(first_name="Елена", last_name="Смирнова"),
        now=NOW,
    )


def text(answer) -> str:
    return answer.content.decode()


# The page of a draft


def test_the_page_shows_the_whole_tree_the_payload_and_the_cost(operator):
    scenario = make_scenario(key(1, label="Да", steps=(key(2, label="Точно"),)))
    answer = text(operator.get(page(scenario)))
    assert answer.count('class="sc-item"') == 2
    assert "Точно" in answer
    assert "&quot;digit&quot;: 2" in answer
    assert "оценка" in answer


def test_the_page_costs_the_same_queries_for_any_tree(operator, django_assert_max_num_queries):
    scenario = make_scenario(*(key(digit, steps=(key(5),)) for digit in range(10)))
    with django_assert_max_num_queries(14):
        operator.get(page(scenario))


def test_saving_without_scripts_goes_back_to_the_page(operator):
    scenario = make_scenario()
    answer = push(operator, scenario, tree=document(key(1, label="Новое")), name="Имя")
    assert answer.status_code == 302
    assert answer.url == page(scenario)
    scenario.refresh_from_db()
    assert (scenario.name, scenario.document().steps[0].label) == ("Имя", "Новое")
    assert scenario.draft_by.username == "operator"


def test_adding_without_scripts_keeps_what_was_typed_and_leads_to_the_new_answer(operator):
    scenario = make_scenario()
    answer = push(operator, scenario, "add:root", tree=document(key(4, label="Напечатано")))
    scenario.refresh_from_db()
    first, new = scenario.document().steps
    assert first.label == "Напечатано"
    assert answer.url == f"{page(scenario)}?step={new.id}#step-{new.id}"


@pytest.mark.parametrize(
    ("action", "left"),
    [("remove:k1", ["k2", "k3"]), ("up:k2", ["k2", "k1", "k3"]), ("down:k2", ["k1", "k3", "k2"])],
)
def test_buttons_change_the_tree(operator, action, left):
    scenario = make_scenario(key(1), key(2), key(3))
    push(operator, scenario, action)
    scenario.refresh_from_db()
    assert [step.id for step in scenario.document().steps] == left


def test_errors_stand_beside_their_fields(operator):
    scenario = make_scenario(key(1, sms="я" * 71), key(1, id="again"))
    answer = text(operator.get(page(scenario)))
    assert 'id="sms-k1_error"' in answer
    assert "СМС длиннее 70 символов на 1." in answer
    assert re.search(r'id="digit-again"[^>]*aria-invalid="true"', answer)


def test_markup_in_every_field_is_only_text(operator):
    steps = key(
        1,
        label=EVIL,
        sms=EVIL,
        manager_phone=EVIL,
        sound=Sound(text=EVIL),
        webhook=Webhook(url=EVIL, parameters=((EVIL, EVIL),)),
    )
    scenario = make_scenario(document=document(steps, text=EVIL), name=EVIL)
    account = scenario.account
    make_record(account, name=EVIL)
    for answer in (
        operator.get(page(scenario)),
        push(operator, scenario, "publish"),
        operator.get(reverse("calls:scenarios")),
    ):
        assert "<script>alert" not in text(answer)
        assert "<img src=x" not in text(answer)
        assert "{{ 7|add:7 }}" in text(answer)


def test_odd_ids_from_a_page_do_not_reach_the_next_one(operator):
    scenario = make_scenario()
    push(operator, scenario, step=['"><script>alert(1)</script> root'])
    scenario.refresh_from_db()
    assert [step.id for step in scenario.document().steps] == ["s1"]


def test_a_record_can_be_chosen_and_heard(operator):
    account = make_account()
    record = make_record(account, name="Приветствие", moderation=Record.Moderation.WAITING)
    tree = Document(opening=Sound("record", record=record.pk))
    answer = text(operator.get(page(make_scenario(account=account, document=tree))))
    assert reverse("records:sound", args=[record.pk]) in answer
    assert re.search(rf'<option value="{record.pk}"[^>]* selected>Приветствие · 0:04', answer)
    assert "ещё на модерации" in answer


def test_a_draft_too_large_is_not_saved_and_the_page_says_why(operator):
    scenario = make_scenario()
    answer = operator.post(page(scenario), posted(scenario, document(text="я" * 600_000)))
    assert answer.status_code == 422
    assert "Сценарий больше 1 МБ" in text(answer)
    scenario.refresh_from_db()
    assert scenario.draft_revision == 1


def test_fifty_levels_are_refused(operator):
    scenario = make_scenario()
    lines = [f"s{level} {f's{level - 1}' if level else 'root'}" for level in range(50)]
    answer = operator.post(page(scenario), {**posted(scenario), "step": lines})
    assert answer.status_code == 422
    assert "глубже 20 уровней" in text(answer)


def test_more_than_we_take_at_all_gets_a_sentence(operator):
    scenario = make_scenario()
    answer = operator.post(page(scenario), {"text-root": "a" * 6_000_000})
    assert answer.status_code == 400


# Two people


@pytest.mark.parametrize("action", ["save", "add:k1", "publish"])
def test_the_slower_person_keeps_everything_typed_and_overwrites_nothing(operator, action):
    scenario = make_scenario()
    save_as_another(scenario)
    typed = document(key(1, label="Моё"), text="Мой текст")
    answer = push(operator, scenario, action, tree=typed)
    assert answer.status_code == 409
    assert "сценарий изменили: Елена Смирнова" in text(answer)
    assert "Мой текст" in text(answer)
    assert 'value="Моё"' in text(answer)
    assert not ScenarioVersion.objects.exists()
    scenario.refresh_from_db()
    assert [step.id for step in scenario.document().steps] == ["k8"]


def test_the_slower_person_saves_theirs_as_a_copy(operator):
    scenario = make_scenario()
    save_as_another(scenario)
    answer = push(operator, scenario, "copy", tree=document(text="Моё"))
    copied = Scenario.objects.exclude(pk=scenario.pk).get()
    assert answer.url == page(copied)
    assert copied.document().opening.text == "Моё"


# Publishing


def test_publishing_saves_what_is_typed_and_makes_a_version(operator):
    scenario = make_scenario()
    answer = push(operator, scenario, "publish", tree=document(key(3)))
    assert answer.url == page(scenario)
    version = ScenarioVersion.objects.get()
    assert version.number == 1
    assert version.author.username == "operator"
    assert [step["id"] for step in version.document["steps"]] == ["k3"]
    assert "Опубликована версия 1" in text(operator.get(page(scenario)))


def test_publishing_with_errors_lists_them_with_links_and_keeps_the_draft(operator):
    scenario = make_scenario()
    answer = push(operator, scenario, "publish", tree=document(key(1), text=""))
    assert answer.status_code == 422
    assert "Опубликовать пока нельзя" in text(answer)
    assert 'href="#text-root"' in text(answer)
    assert not ScenarioVersion.objects.exists()
    scenario.refresh_from_db()
    assert scenario.document().opening.text == ""


# Rights and methods


@pytest.mark.parametrize("name", ["scenario-form", "scenario-remove"])
def test_a_manager_has_no_business_with_scenarios(manager, name):
    scenario = make_scenario()
    url = reverse(f"calls:{name}", args=[scenario.pk])
    assert manager.post(url, posted(scenario, document())).status_code == 403
    assert manager.get(reverse("calls:scenarios")).status_code == 403
    scenario.refresh_from_db()
    assert scenario.draft_revision == 1


def test_an_admin_may_do_what_an_operator_may_and_sees_the_secret_of_the_webhook(admin):
    scenario = make_scenario(key(1, webhook=Webhook(url="obzvon:")))
    assert scenario.account.webhook_token in text(admin.get(page(scenario)))


def test_an_operator_does_not_see_the_secret_of_the_webhook(operator):
    scenario = make_scenario(key(1, webhook=Webhook(url="obzvon:")))
    answers = [
        operator.get(page(scenario)),
        push(operator, scenario),
    ]
    assert all(scenario.account.webhook_token not in text(answer) for answer in answers)


@pytest.mark.parametrize(
    ("method", "name"),
    [("get", "scenario-remove"), ("get", "scenario-restore"), ("put", "scenario-form")],
)
def test_other_methods_are_not_answered(operator, method, name):
    url = reverse(f"calls:{name}", args=[make_scenario().pk])
    assert getattr(operator, method)(url).status_code == 405


@pytest.mark.parametrize("name", ["scenario-form", "scenario-versions"])
def test_what_is_not_there_is_not_found(operator, name):
    assert operator.get(reverse(f"calls:{name}", args=[10**30])).status_code == 404
