import json

import pytest

from calls.forms.plain_editor import Editor
from calls.ivr.document import OWN_WEBHOOK, Document, Sound, Step, Trigger, Webhook
from records.models import Record
from tests.calls.scenarios import document, key, make_record, make_scenario, make_version
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def test_steps_are_numbered_as_they_stand_in_the_tree():
    editor = Editor.of(make_scenario(key(1), key(2, steps=(key(5), key(6)))))
    assert editor.numbers == {"root": "", "k1": "1", "k2": "2", "k5": "2.1", "k6": "2.2"}
    assert editor.tree.branches[1].under == 2


def test_keys_of_other_answers_of_the_menu_are_busy():
    first = Editor.of(make_scenario(key(1), key(2))).tree.branches[0]
    assert [digit for digit, is_busy in first.digits if is_busy] == [2]


def test_each_problem_leads_to_its_field():
    tree = document(
        Step("a", trigger=Trigger("digit"), webhook=Webhook(url="nowhere")),
        key(2, sound=None),
        text="",
    )
    editor = Editor.of(make_scenario(document=tree))
    assert [(link.target, link.number) for link in editor.errors] == [
        ("text-root", ""),
        ("digit-a", "1"),
        ("webhook_url-a", "1"),
    ]
    assert [(link.target, link.number) for link in editor.warnings] == [("step-k2", "2")]


def test_the_payload_is_what_would_be_sent_without_the_errors():
    editor = Editor.of(make_scenario(key(1, sms="я" * 71), key(2)))
    first = json.loads(editor.payload)["ivrs"][0]
    assert first == {"digit": 1, "record": {"text": "Спасибо", "gender": 0}}


def test_the_secret_of_our_webhook_is_for_those_who_see_the_account():
    editor = Editor.of(make_scenario(key(1, webhook=Webhook(url=OWN_WEBHOOK))))
    token = editor.account.webhook_token
    assert token not in editor.payload
    editor.shows_webhook = True
    assert editor.account.step_webhook_url() in editor.payload


def test_records_to_choose_from_are_the_usable_ones_and_those_already_chosen():
    account = make_account()
    usable = make_record(account, name="Б")
    rejected = make_record(account, moderation=Record.Moderation.REJECTED)
    make_record(account, moderation=Record.Moderation.REJECTED)
    make_record(make_account(), service_id=99)
    tree = Document(opening=Sound("record", record=rejected.pk))
    editor = Editor.of(make_scenario(account=account, document=tree))
    assert [(each.record, each.is_usable) for each in editor.choices] == [
        (usable, True),
        (rejected, False),
    ]


def test_the_payload_names_records_by_the_ids_of_the_service():
    account = make_account()
    record = make_record(account, service_id=1342)
    tree = Document(opening=Sound("record", record=record.pk))
    editor = Editor.of(make_scenario(account=account, document=tree))
    assert json.loads(editor.payload)["record"] == {"id": 1342}


def test_a_draft_is_published_only_while_it_says_what_the_version_says():
    version = make_version()
    editor = Editor.of(version.scenario)
    assert editor.is_published
    editor.document = document(key(9))
    assert not editor.is_published


def test_further_actions_stand_open_when_there_are_any():
    tree = document(key(1), key(2, sms="Да"), key(3, block=True))
    editor = Editor.of(make_scenario(document=tree))
    assert [branch.does_more for branch in editor.tree.branches] == [False, True, True]
