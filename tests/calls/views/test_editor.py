"""The visual editor's side of the server: drafts, publishing, copies, records to choose."""

import json
import re
from pathlib import Path

import pytest
from django.urls import reverse

from calls.ivr.document import OWN_WEBHOOK, Document, Sound, Step, Trigger, Webhook
from calls.models import Scenario, ScenarioVersion
from calls.services import publishing
from records.models import Record
from tests.calls.scenarios import NOW, document, key, make_record, make_scenario, make_version

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db
EVIL = '</script><script>alert("1")</script>'


def address(name: str, scenario) -> str:
    return reverse(f"calls:scenario-{name}", args=[scenario.pk])


def page_data(client, scenario) -> dict:
    """What the page hands to the modules."""
    page = client.get(scenario.get_absolute_url()).content.decode()
    return json.loads(
        page.split('id="editor-data" type="application/json">')[1].split("</script>")[0]
    )


def put(client, scenario, tree=None, *, revision=None, name="Опрос", raw=None):
    body = raw or json.dumps(
        {
            "name": name,
            "revision": scenario.draft_revision if revision is None else revision,
            "document": (tree or document(text="Новый текст")).as_json(),
        }
    )
    return client.put(address("draft", scenario), body, content_type="application/json")


def test_the_page_hands_over_the_draft_and_the_tables(operator):
    scenario = make_scenario(key(1, label="Да"))
    data = page_data(operator, scenario)
    assert data["document"] == scenario.document().as_json()
    assert data["revision"] == scenario.draft_revision
    assert data["limits"]["sms"] == {"min": 1, "max": 70}
    assert data["rules"]["sms_long"]["level"] == "error"
    assert data["prices"] == {"minute": 300, "sms": 410, "synthesis": 40}
    assert data["words"]["errors"]["few"] == "%(n)d ошибки"
    assert data["version"] is None


def test_the_page_speaks_the_language_of_the_person(operator, client):
    scenario = make_scenario()
    client.cookies["django_language"] = "en"
    operator.post(reverse("accounts:language"), {"language": "en"})
    data = page_data(operator, scenario)
    assert data["language"] == "en"
    assert data["words"]["errors"]["one"] == "%(n)d error"


def test_all_modules_are_asked_for_at_once(operator):
    page = operator.get(make_scenario().get_absolute_url()).content.decode()
    files = {path.name for path in (ROOT / "static/editor").glob("*.js")}
    assert set(re.findall(r'modulepreload" href="[^"]*?editor/(\w+\.js)', page)) == files


def test_whatever_is_typed_stays_data_on_the_page(operator):
    tree = document(key(1, label=EVIL, sms=EVIL), text=EVIL)
    scenario = make_scenario(document=tree, name=EVIL)
    page = operator.get(scenario.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert page_data(operator, scenario)["document"]["opening"]["text"] == EVIL


def test_facts_of_played_records_come_with_the_page(operator):
    scenario = make_scenario()
    record = make_record(scenario.account, name="Спасибо", moderation=Record.Moderation.WAITING)
    put(operator, scenario, Document(opening=Sound("record", record=record.pk)))
    facts = page_data(operator, scenario)["records"][str(record.pk)]
    assert facts == {
        "name": "Спасибо",
        "service_id": record.service_id,
        "hundredths": 420,
        "is_usable": True,
        "is_waiting": True,
        "is_sending": False,
        "sound": reverse("records:sound", args=[record.pk]),
    }


def test_the_secret_of_our_webhook_is_for_those_who_see_the_account(operator, admin):
    scenario = make_scenario(key(1, webhook=Webhook(url=OWN_WEBHOOK)))
    token = scenario.account.webhook_token
    assert token not in operator.get(scenario.get_absolute_url()).content.decode()
    assert page_data(admin, scenario)["ownWebhook"] == scenario.account.step_webhook_url()


def test_a_draft_is_saved_with_the_next_revision(operator):
    scenario = make_scenario()
    answer = put(operator, scenario, document(key(5)), name="Другое")
    saved = Scenario.objects.get()
    assert answer.status_code == 200
    assert answer.json()["revision"] == saved.draft_revision == scenario.draft_revision + 1
    assert (saved.name, saved.document().steps[0].id) == ("Другое", "k5")
    assert saved.draft_by.username == "operator"


def test_a_draft_with_errors_is_saved_and_the_errors_are_told_by_step(operator):
    scenario = make_scenario()
    answer = put(operator, scenario, document(key(1, sms="я" * 72), text=""))
    assert answer.status_code == 200
    assert answer.json()["problems"] == [
        {"id": "", "code": "opening_empty", "values": {}},
        {"id": "k1", "code": "sms_long", "values": {"limit": 70, "over": 2}},
    ]


def test_the_slower_of_two_hears_who_was_faster_and_overwrites_nothing(operator, admin):
    scenario = make_scenario()
    put(admin, scenario, document(text="Первый"))
    answer = put(operator, scenario, document(text="Второй"))
    assert answer.status_code == 409
    assert answer.json()["by"]
    assert answer.json()["isArchived"] is False
    assert Scenario.objects.get().document().opening.text == "Первый"


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(operator, admin):
    scenario = make_scenario()
    first, second = "0" * 36, "1" * 36

    def body(key, lost, text):
        tree = document(text=text).as_json()
        return json.dumps(
            {"name": "Опрос", "revision": 1, "document": tree, "key": key, "lost": lost}
        )

    put(operator, scenario, raw=body(first, [], "Первая правка"))  # its answer never arrives
    again = put(operator, scenario, raw=body(second, [first], "Вторая правка"))
    assert again.status_code == 200
    assert Scenario.objects.get().document().opening.text == "Вторая правка"
    put(admin, Scenario.objects.get(), document(text="Чужая"))
    late = put(operator, scenario, raw=body("2" * 36, [first, second], "Третья"))
    assert late.status_code == 409
    assert Scenario.objects.get().document().opening.text == "Чужая"


@pytest.mark.parametrize("lost", [None, 7, [""], [None], ["x" * 50], [[]]])
def test_odd_keys_of_requests_open_nothing(operator, lost):
    scenario = make_scenario()
    tree = document(text="Моё").as_json()
    body = {"name": "", "revision": 99, "document": tree, "key": lost, "lost": lost}
    assert put(operator, scenario, raw=json.dumps(body)).status_code == 409


def test_a_draft_of_a_scenario_put_away_is_not_lost_in_silence(operator):
    scenario = make_scenario()
    make_version(scenario)
    publishing.remove(scenario, actor=None, now=NOW)
    late = put(operator, scenario)
    assert (late.status_code, late.json()["isArchived"]) == (409, True)
    answer = operator.post(
        address("copy", scenario),
        json.dumps({"name": "Опрос", "revision": 0, "document": document(text="Моё").as_json()}),
        content_type="application/json",
    )
    assert answer.json()["url"] == Scenario.objects.latest("pk").get_absolute_url()
    assert Scenario.objects.latest("pk").document().opening.text == "Моё"


DEEP = {"id": "x", "trigger": {"kind": "silence"}, "steps": []}
for _level in range(50):
    DEEP = {"id": "x", "trigger": {"kind": "silence"}, "steps": [DEEP]}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("not json", "не удалось прочитать"),
        ("[1]", "вместо объекта"),
        ("[" * 100_000, "не удалось прочитать"),
        (json.dumps({"revision": 1, "document": {"v": 2}}), "версия неизвестна"),
        (json.dumps({"revision": 1, "document": {"v": 1, "steps": [DEEP]}}), "глубже 20"),
        (json.dumps({"revision": 1, "document": {"v": 1, "x": "я" * 5_000_000}}), "больше 1 МБ"),
        (
            json.dumps({"revision": 1, "document": {"v": 1, "opening": {"text": "я" * 1_100_000}}}),
            "больше 1 МБ",
        ),
    ],
)
def test_what_is_no_scenario_is_refused_with_a_sentence_and_the_draft_stays(operator, raw, said):
    scenario = make_scenario()
    answer = put(operator, scenario, raw=raw)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert Scenario.objects.get().draft == scenario.draft


def test_ids_made_by_hand_never_make_a_circle(operator):
    scenario = make_scenario()
    steps = [{"id": "a", "trigger": {"kind": "silence"}, "steps": [{"id": "a", "steps": []}]}]
    body = {"revision": 1, "name": "", "document": {"v": 1, "steps": steps}}
    answer = put(operator, scenario, raw=json.dumps(body))
    saved = Scenario.objects.get()
    assert answer.status_code == 200
    assert [step.id for step, _depth in saved.document().walk()] == ["a", "s1"]
    assert saved.name == "Без названия"


def publish(client, scenario, revision=None):
    data = {"revision": scenario.draft_revision if revision is None else revision}
    return client.post(address("publish", scenario), data)


def test_publishing_makes_the_next_version_of_what_the_person_sees(operator):
    scenario = make_scenario()
    assert publish(operator, scenario).json() == {"version": {"number": 1, "isSame": True}}
    assert publish(operator, scenario).json() == {"version": {"number": 1, "isSame": True}}
    put(operator, scenario)
    assert publish(operator, scenario).status_code == 409
    scenario.refresh_from_db()
    assert publish(operator, scenario).json()["version"]["number"] == 2
    assert ScenarioVersion.objects.count() == 2


def test_errors_refuse_publishing_and_are_told_by_step(operator):
    tree = document(Step("a", trigger=Trigger("digit"), sound=Sound(text="Да")))
    scenario = make_scenario(document=tree)
    answer = publish(operator, scenario)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["code"] == "digit_none"
    assert not ScenarioVersion.objects.exists()


@pytest.mark.parametrize("revision", ["", "x", "9" * 30, "-1"])
def test_an_odd_revision_publishes_nothing(operator, revision):
    assert publish(operator, make_scenario(), revision).status_code == 409


def test_a_copy_is_made_of_what_the_editor_holds(operator):
    scenario = make_scenario(name="Опрос")
    body = {"name": "Опрос", "revision": 0, "document": document(text="Моё").as_json()}
    answer = operator.post(
        address("copy", scenario), json.dumps(body), content_type="application/json"
    )
    copy = Scenario.objects.latest("pk")
    assert answer.json() == {"url": copy.get_absolute_url()}
    assert (copy.name, copy.document().opening.text) == ("Опрос — копия", "Моё")


def test_records_to_choose_from_are_of_the_account_and_found_by_name(operator):
    scenario = make_scenario()
    make_record(scenario.account, name="Доброе утро")
    make_record(scenario.account, name="Спасибо за заказ")
    url = address("records", scenario)
    both = operator.get(url).content.decode()
    assert "Доброе утро" in both
    assert "Спасибо за заказ" in both
    found = operator.get(url, {"q": "спасибо"}).content.decode()
    assert "Доброе утро" not in found
    assert 'data-record="' in found
    nothing = operator.get(url, {"q": "нет такого"}).content.decode()
    assert "Ничего не нашлось" in nothing


def test_records_to_choose_from_say_when_there_are_none(operator):
    answer = operator.get(address("records", make_scenario())).content.decode()
    assert "пока нет" in answer
