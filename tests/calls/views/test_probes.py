import json

import pytest
from django.core.cache import cache

from calls.services import probing
from calls.services.probing import Probe
from obzvon_site.accounts.models import AuditEvent

PATH = "/scenarios/probe/"
URL = "https://crm.example/hook?key=secret"


@pytest.fixture(autouse=True)
def tried(monkeypatch) -> list:
    """What was tried; nothing leaves."""
    cache.clear()
    given: list = []

    def fake(url, parameters):
        given.append((url, parameters))
        return Probe(True, 200, 120, "Запрос дошёл, ответ 200.", "ok")

    monkeypatch.setattr(probing, "probe", fake)
    return given


def sent(client, data):
    body = data if isinstance(data, str) else json.dumps(data)
    return client.post(PATH, body, content_type="application/json")


@pytest.mark.parametrize("parameters", [{"a": "1", "b": "2"}, [["a", "1"], ["b", 2]]])
def test_a_webhook_is_tried_and_what_came_of_it_told(operator, tried, parameters):
    answer = sent(operator, {"url": f" {URL} ", "parameters": parameters})
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True,
        "status": 200,
        "ms": 120,
        "sentence": "Запрос дошёл, ответ 200.",
        "answer": "ok",
    }
    assert tried == [(URL, {"a": "1", "b": "2"})]


def test_a_failed_try_is_an_answer_too(operator, monkeypatch):
    monkeypatch.setattr(probing, "probe", lambda *_args: Probe(False, None, 9, "Не дойти."))
    answer = sent(operator, {"url": URL})
    assert (answer.status_code, answer.json()["ok"], answer.json()["status"]) == (200, False, None)


def test_of_the_address_only_the_host_is_noted(operator):
    sent(operator, {"url": URL, "parameters": {"token": "secret"}})
    noted = AuditEvent.objects.get()
    assert (noted.verb, noted.subject, noted.details) == ("webhook.tested", "crm.example", {})
    assert (noted.actor.username, noted.deed) == ("operator", "Проверил вебхук сценария")


def test_our_own_address_needs_no_request(operator, tried):
    answer = sent(operator, {"url": "obzvon:", "parameters": {}}).json()
    assert (answer["ok"], answer["status"], tried) == (True, None, [])
    assert "наш собственный адрес" in answer["sentence"]
    assert "на странице звонка" in answer["sentence"]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        *("", "{", "[]", "1", "null", "[" * 100_000, '{"url": NaN'),
        {},
        {"url": ""},
        {"url": "  "},
        {"url": None},
        {"url": ["https://a.example"]},
        {"url": URL, "parameters": 5},
        {"url": URL, "parameters": ["x"]},
        {"url": URL, "parameters": {"a": {"b": 1}}},
        {"url": "https://a.example/" + "x" * 255},
        {"url": URL, "parameters": {"a": "x" * 70_000}},
        "x" * 6_000_000,
    ],
)
def test_nonsense_is_not_tried_and_is_explained(operator, tried, data):
    answer = sent(operator, data)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert tried == []


def test_an_address_of_the_longest_length_is_tried(operator, tried):
    url = "https://a.example/".ljust(255, "x")
    assert sent(operator, {"url": url}).status_code == 200
    assert tried == [(url, {})]


def test_a_person_may_try_ten_times_a_minute(operator, admin, tried):
    for _time in range(10):
        assert sent(operator, {"url": URL}).status_code == 200
    answer = sent(operator, {"url": URL})
    assert (answer.status_code, "минуту" in answer.json()["error"]) == (429, True)
    assert len(tried) == 10
    assert AuditEvent.objects.count() == 10
    assert sent(admin, {"url": URL}).status_code == 200


def test_a_manager_may_not_try_and_nobody_by_get(manager, operator, tried):
    assert sent(manager, {"url": URL}).status_code == 403
    assert operator.get(PATH).status_code == 405
    assert tried == []
