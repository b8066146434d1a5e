import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from calls.ivr.document import BYTES_MAX, OWN_WEBHOOK, Sound, Webhook
from calls.services import publishing
from records.models import Record
from tests.calls.scenarios import NOW, document, key, make_record, make_scenario, make_version
from tests.factories import make_account


def url(scenario, name="import") -> str:
    return reverse(f"calls:scenario-{name}", args=[scenario.pk])


def pasted(client, scenario, data):
    text = data if isinstance(data, str) else json.dumps(data)
    return client.post(url(scenario), {"text": text})


def uploaded(client, scenario, content: bytes):
    return client.post(url(scenario), {"file": SimpleUploadedFile("a.json", content)})


def test_a_pasted_request_becomes_a_document_and_nothing_is_saved(operator):
    scenario = make_scenario()
    record = make_record(scenario.account, service_id=1342)
    before = (scenario.draft, scenario.draft_revision)
    data = {"apiKey": "Zx9" * 20, "record": {"id": 1342}, "ivrs": [{"digit": 1, "smsText": "Да"}]}
    answer = pasted(operator, scenario, data)
    assert answer.status_code == 200
    got = answer.json()
    assert got["document"]["opening"] == {"kind": "record", "record": record.pk}
    assert got["document"]["steps"][0]["sms"] == "Да"
    assert got["records"][str(record.pk)]["service_id"] == 1342
    assert len(got["notes"]) == 1
    assert "Zx9" not in answer.content.decode()
    scenario.refresh_from_db()
    assert (scenario.draft, scenario.draft_revision) == before


def test_records_of_another_account_and_removed_ones_are_not_taken(operator):
    scenario = make_scenario()
    make_record(make_account(name="Другой"), service_id=7)
    make_record(scenario.account, service_id=8, stage=Record.Stage.REMOVED)
    data = {"record": {"id": 7}, "ivrs": [{"digit": 1, "record": {"id": 8}}]}
    got = pasted(operator, scenario, data).json()
    assert got["document"]["opening"]["record"] is None
    assert got["document"]["steps"][0]["sound"]["record"] is None
    assert len(got["notes"]) == 2


def test_a_downloaded_draft_is_uploaded_again_without_loss(operator):
    account = make_account()
    record = make_record(account)
    tree = document(
        key(1, sound=Sound("record", record=record.pk), label="Да"),
        key(2, webhook=Webhook(OWN_WEBHOOK, (("a", "1"),)), steps=(key(1, id="a"),)),
        key(2, id="twice", sms="о" * 71),
    )
    scenario = make_scenario(document=tree, account=account, name="Опрос / «ноябрь»")
    file = operator.get(url(scenario, "export"))
    got = uploaded(operator, scenario, file.content).json()
    assert list(got.pop("records")) == [str(record.pk)]
    assert got == {"name": "Опрос / «ноябрь»", "document": scenario.draft, "notes": []}


def test_the_file_has_the_draft_its_payload_and_no_secret(operator):
    scenario = make_scenario(key(1, webhook=Webhook(OWN_WEBHOOK)), name="Опрос")
    answer = operator.get(url(scenario, "export"))
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%9E")
    text = answer.content.decode()
    assert "Нажмите клавишу" in text
    assert scenario.account.step_webhook_url() not in text
    assert scenario.account.webhook_token not in text
    data = json.loads(text)
    assert data["document"] == scenario.draft
    assert data["ivrs"][0]["webhookUrl"] == "https://…/hooks/••••/step/"
    assert (data["format"], data["v"], data["name"]) == ("obzvon.scenario", 1, "Опрос")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a/b\r\nX-Evil: 1", 'attachment; filename="a b X-Evil  1.json"'),
        ('..\\"', "attachment; filename*=utf-8''%D0%A1%D1%86"),
    ],
)
def test_a_name_does_not_lead_out_of_its_header(operator, name, file):
    answer = operator.get(url(make_scenario(name=name), "export"))
    assert answer["Content-Disposition"].startswith(file)


def test_a_draft_with_errors_is_downloaded_too(operator):
    gone = key(1, sound=Sound("record", record=99), manager_phone="12")
    scenario = make_scenario(document=document(gone, text=""))
    assert operator.get(url(scenario, "export")).json()["document"] == scenario.draft


@pytest.mark.parametrize("text", ["", "Привет", "{}", "[1]", "[" * 100_000])
def test_what_is_no_scenario_is_refused_with_a_sentence(operator, text):
    scenario = make_scenario()
    for answer in (pasted(operator, scenario, text), uploaded(operator, scenario, text.encode())):
        assert answer.status_code == 422
        assert answer.json()["error"].endswith(".")


def test_what_is_too_large_is_refused(operator):
    scenario = make_scenario()
    assert uploaded(operator, scenario, b"[" * 5_000_000).status_code == 413
    answer = pasted(operator, scenario, "a" * (BYTES_MAX + 1))
    assert answer.status_code == 413
    assert "1 МБ" in answer.json()["error"]


def test_a_scenario_in_the_archive_is_downloaded_but_not_replaced(operator):
    scenario = make_version().scenario
    publishing.remove(scenario, actor=None, now=NOW)
    assert operator.get(url(scenario, "export")).status_code == 200
    assert pasted(operator, scenario, {"record": {"text": "Да"}}).status_code == 404


def test_a_manager_and_wrong_methods_are_refused(operator, manager):
    scenario = make_scenario()
    assert manager.get(url(scenario, "export")).status_code == 403
    assert pasted(manager, scenario, {}).status_code == 403
    assert operator.get(url(scenario)).status_code == 405
    assert operator.post(url(scenario, "export")).status_code == 405
