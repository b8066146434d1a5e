import json

import pytest
from django.urls import reverse

from calls.ivr.document import Document
from calls.ivr.examples import EXAMPLES
from calls.models import Scenario, ScenarioTemplate
from calls.services import templates
from tests.calls.scenarios import document, key
from tests.calls.services.test_templates import make_template
from tests.factories import make_account

LIST = "/scenarios/templates/"
SAVE = "/scenarios/templates/save/"
HTMX = {"HTTP_HX_REQUEST": "true"}


def text(answer) -> str:
    return answer.content.decode()


def sent(client, data):
    body = data if isinstance(data, str) else json.dumps(data)
    return client.post(SAVE, body, content_type="application/json")


def filled(**fields) -> dict:
    return {"name": "Наш", "about": "", "document": document(key(1)).as_json(), **fields}


def test_the_list_is_one_element_with_a_button_for_each_offer(operator):
    saved = make_template("Наш <опрос>", key(1), about="О чём-то")
    answer = text(operator.get(LIST)).strip()
    assert answer.startswith('<div id="scenario-templates">')
    assert answer.count("data-template=") == 6
    assert 'data-template="order"' in answer
    assert f'data-template="saved-{saved.pk}"' in answer
    assert "Наш &lt;опрос&gt;" in answer
    assert "О чём-то" in answer
    assert "6 шагов" in answer


def test_only_those_who_may_remove_see_how(operator, admin):
    saved = make_template()
    path = reverse("calls:scenario-template-remove", args=[saved.pk])
    assert path not in text(operator.get(LIST))
    assert text(admin.get(LIST)).count("<form") == 1
    assert path in text(admin.get(LIST))


def test_one_offer_is_its_name_and_document(operator):
    saved = make_template("Наш", key(1))
    answer = operator.get(reverse("calls:scenario-template", args=[f"saved-{saved.pk}"])).json()
    assert answer["name"] == "Наш"
    assert Document.from_json(answer["document"]) == document(key(1))
    example = operator.get(reverse("calls:scenario-template", args=["poll"])).json()
    assert example["name"] == "Опрос"
    assert Document.from_json(example["document"]) == EXAMPLES["poll"].document()


def test_an_offer_that_is_gone_says_so(operator):
    answer = operator.get(reverse("calls:scenario-template", args=["saved-7777"]))
    assert (answer.status_code, "больше нет" in answer.json()["error"]) == (404, True)


def test_an_admin_saves_a_template_for_everybody(admin):
    answer = sent(admin, filled(name="  Наш  ", about="Коротко"))
    assert (answer.status_code, "«Наш» сохранён" in answer.json()["sentence"]) == (200, True)
    saved = ScenarioTemplate.objects.get()
    assert (saved.name, saved.about, saved.created_by.username) == ("Наш", "Коротко", "admin")
    assert saved.tree() == document(key(1))


def test_a_name_may_be_used_once(admin):
    sent(admin, filled())
    answer = sent(admin, filled())
    assert (answer.status_code, "уже есть" in answer.json()["error"]) == (422, True)
    assert ScenarioTemplate.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (filled(name=""), "Введите название"),
        (filled(name="\ud800"), "Введите название"),
        (filled(name=None), "Введите название"),
        (filled(name="н" * 121), "120"),
        (filled(name="н\x00"), ""),
        (filled(about="н" * 201), "200"),
        (filled(document={}), "Это не сценарий"),
        (filled(document=None), "Это не сценарий"),
        (filled(document={"v": 9}), "Это не сценарий"),
        (filled(document=[1]), "Это не сценарий"),
        (filled(document="x"), ""),
        ("[]", ""),
        ("{", ""),
        ("[" * 100_000, ""),
        ("", ""),
    ],
)
def test_nonsense_is_not_saved_and_is_explained(admin, data, words):
    answer = sent(admin, data)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert words in answer.json()["error"]
    assert not ScenarioTemplate.objects.exists()


def test_too_much_is_not_saved(admin):
    assert sent(admin, "x" * 6_000_000).status_code == 422


def test_removing_answers_the_list_without_it(admin):
    saved = make_template("Лишний")
    path = reverse("calls:scenario-template-remove", args=[saved.pk])
    answer = admin.post(path, **HTMX)
    assert text(answer).strip().startswith('<div id="scenario-templates">')
    assert "Лишний" not in text(answer)
    assert admin.post(path, **HTMX).status_code == 404
    again = make_template("Лишний")
    plain = admin.post(reverse("calls:scenario-template-remove", args=[again.pk]))
    assert plain.url == reverse("calls:scenarios")
    assert not ScenarioTemplate.objects.exists()


def test_an_operator_uses_templates_and_may_not_keep_or_remove_them(operator, manager):
    saved = make_template()
    assert sent(operator, filled()).status_code == 403
    path = reverse("calls:scenario-template-remove", args=[saved.pk])
    assert operator.post(path).status_code == 403
    assert manager.get(LIST).status_code == 403
    assert ScenarioTemplate.objects.count() == 1


def test_each_address_takes_its_own_method_alone(admin):
    saved = make_template()
    assert admin.post(LIST).status_code == 405
    assert admin.get(SAVE).status_code == 405
    remove = reverse("calls:scenario-template-remove", args=[saved.pk])
    assert admin.get(remove).status_code == 405
    assert ScenarioTemplate.objects.exists()


def test_a_new_scenario_may_start_from_a_saved_template(operator):
    account = make_account()
    saved = make_template("Наш", key(1))
    chosen = f'value="{templates.key_of(saved)}"'
    assert chosen in text(operator.get(reverse("calls:scenario-new")))
    assert chosen in text(operator.get(reverse("calls:scenarios")))
    operator.post(
        reverse("calls:scenario-new"),
        {"account": account.pk, "example": templates.key_of(saved)},
    )
    scenario = Scenario.objects.get()
    assert (scenario.name, scenario.document()) == ("Наш", document(key(1)))
