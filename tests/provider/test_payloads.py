"""The wire format of what is sent, and what is stopped before it."""

import json
from datetime import UTC, datetime

import pytest

from obzvon_site.provider import limits
from obzvon_site.provider.errors import Invalid
from obzvon_site.provider.payloads import Message, Sound, Step
from tests.provider.makers import make_order

SAY = Sound(text="Здравствуйте")


def test_the_whole_tree_goes_as_documented():
    step = Step(
        digit=1,
        recognize=True,
        need_block=True,
        sound=Sound(id=7),
        manager_phone="+7 (900) 000-00-02",
        sms_text="Ждём вас",
        webhook_url="https://our.example/hook",
        webhook_parameters={"заявка": "5"},
        steps=(Step(words=("да", "конечно")), Step(sound=Sound(text="Пока"))),
    )
    sent = Message(SAY, recognize=True, steps=(step,)).as_json()
    parameters = sent["ivrs"][0].pop("webhookParameters")
    assert json.loads(parameters) == {"заявка": "5"}
    assert sent == {
        "record": {"text": "Здравствуйте", "gender": 0},
        "recognize": 1,
        "ivrs": [
            {
                "digit": 1,
                "recognize": 1,
                "needBlock": 1,
                "record": {"id": 7},
                "managerPhone": "79000000002",
                "smsText": "Ждём вас",
                "webhookUrl": "https://our.example/hook",
                "ivrs": [{"keyWords": "да конечно"}, {"record": {"text": "Пока"}}],
            }
        ],
    }


def test_digit_zero_is_a_digit():
    assert Step(digit=0).as_json() == {"digit": 0}


def test_an_order_names_its_number_or_asks_for_a_duty_one():
    assert make_order().as_json()["outgoingPhone"] == "74950000001"
    duty = make_order(outgoing_phone=None).as_json()
    assert duty["dutyPhone"] == 1
    assert "outgoingPhone" not in duty


def test_an_order_carries_its_plan_recording_and_webhook():
    order = make_order(
        "8 (900) 000-00-01",
        planned_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        need_recording=True,
        webhook_url="https://our.example/hook",
    )
    assert order.as_json() == {
        "record": {"id": 5},
        "recognize": 0,
        "phones": ["79000000001"],
        "needRecording": 1,
        "outgoingPhone": "74950000001",
        "plannedAt": 1795435200,
        "webhookUrl": "https://our.example/hook",
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"message": {}}, "record"),
        ({"outgoing_phone": "123"}, "outgoingPhone"),
        ({"webhook_url": "ftp://our.example"}, "webhookUrl"),
        ({"webhook_url": "https://"}, "webhookUrl"),
        ({"webhook_url": "https://[::1/"}, "webhookUrl"),
        ({"webhook_url": "https://our.example/" + "x" * 236}, "webhookUrl"),
    ],
)
def test_an_order_that_breaks_a_limit_names_the_field(fields, field):
    with pytest.raises(Invalid) as caught:
        make_order(**fields).as_json()
    assert caught.value.field == field
    assert caught.value.words


def test_a_phone_may_stand_in_an_order_once():
    with pytest.raises(Invalid, match="повторяется"):
        make_order("79000000001", "+7 900 000 00 01").as_json()


def test_an_order_has_at_most_five_thousand_phones():
    phones = [f"7900{number:07d}" for number in range(5001)]
    assert len(make_order(*phones[:5000]).as_json()["phones"]) == 5000
    with pytest.raises(Invalid):
        make_order(*phones).as_json()


@pytest.mark.parametrize(
    "message",
    [
        Message(Sound()),
        Message(Sound(id=5, text="и то и другое")),
        Message(Sound(text=" ")),
        Message(Sound(text="я" * 1025)),
        Message(Sound(text="да", gender=2)),
        Message(SAY, steps=(Step(digit=10),)),
        Message(SAY, steps=(Step(digit=1), Step(digit=1))),
        Message(SAY, steps=(Step(sms_text="я" * 71),)),
        Message(SAY, steps=(Step(manager_phone="7900"),)),
        Message(SAY, steps=(Step(webhook_url="javascript:1"),)),
        Message(SAY, steps=(Step(steps=(Step(sound=Sound()),)),)),
    ],
)
def test_a_message_that_breaks_a_limit_is_stopped(message):
    with pytest.raises(Invalid):
        message.as_json()


def test_lengths_at_the_limit_pass():
    Message(Sound(text="я" * 1024), steps=(Step(sms_text="я" * 70),)).as_json()


def test_the_editor_gets_the_same_table():
    table = limits.as_json()
    assert table["text"] == {"min": 1, "max": 1024}
    assert table["sms"] == {"min": 1, "max": 70}
    assert json.loads(json.dumps(table)) == table
