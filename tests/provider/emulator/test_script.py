"""Timelines are drawn from the seed, and certain phones always behave the same way."""

import pytest

from obzvon_site.provider.emulator import script
from obzvon_site.provider.emulator.script import Prices

MENU = {
    "record": {"text": "Здравствуйте! Нажмите клавишу."},
    "recognize": 1,
    "ivrs": [
        {"digit": 1, "smsText": "Привет", "record": {"text": "Раз"}},
        {"digit": 2, "ivrs": [{"digit": 5, "managerPhone": "79000000099"}]},
        {"digit": 9, "needBlock": 1},
        {"keyWords": "да конечно", "webhookUrl": "https://example.com/", "webhookParameters": "{}"},
        {"record": {"text": "Вы молчите"}},
    ],
}


def line(phone: str, message=MENU, seed: int = 1) -> dict:
    return script.draw(message, phone, seed, {7: 12.0})


def test_the_same_seed_draws_the_same_call():
    assert line("79001234567") == line("79001234567")
    assert any(line("79001234567", seed=n) != line("79001234567") for n in range(2, 9))


@pytest.mark.parametrize(
    ("ending", "status", "cause"),
    [
        ("02", "busy", "USER_BUSY"),
        ("03", "canceled", "NO_ANSWER"),
        ("04", "canceled", "CALL_REJECTED"),
        ("07", "finished", "NORMAL_CLEARING"),
    ],
)
def test_how_a_phone_ends_decides_how_the_call_ends(ending, status, cause):
    drawn = line(f"790000000{ending}")
    assert (drawn["status"], drawn["hangup"]) == (status, cause)


def test_the_first_key_of_every_menu_is_pressed():
    assert line("79000000001")["answers"] == ["1"]
    nested = {"record": {"text": "а"}, "ivrs": [MENU["ivrs"][1]]}
    assert line("79000000001", nested)["answers"] == ["2", "5"]


def test_the_manager_is_asked_for_wherever_the_step_is():
    drawn = line("79000000005")
    assert drawn["answers"] == ["2", "5"]
    assert drawn["manager_started"] > drawn["answered"]


def test_words_are_said_only_where_they_are_listened_for():
    assert line("79000000006")["answers"] == ["да"]
    deaf = {**MENU, "recognize": 0}
    assert line("79000000006", deaf)["answers"] != ["да"]


def test_silence_takes_the_silent_step():
    drawn = line("79000000007")
    assert drawn["answers"] == []
    assert "Вы молчите" in drawn["heard"]


def test_an_early_hangup_answers_nothing():
    drawn = line("79000000009")
    assert drawn["answers"] == []
    assert drawn["finished"] - drawn["answered"] == 2


def test_a_refusal_of_calls_blocks():
    assert line("79000000010")["block"]
    assert not line("79000000001")["block"]


def test_a_message_is_sent_and_paid_for():
    drawn = line("79000000001")
    assert drawn["sms"] == 1
    talk = (drawn["finished"] - drawn["answered"]) / 60 * 3
    assert script.cost(drawn, Prices()) == pytest.approx(talk + 4.1, abs=0.01)


def test_a_call_that_nobody_took_is_free():
    assert script.cost(line("79000000003"), Prices()) == 0


def test_a_record_lasts_as_long_as_it_is():
    short = line("79000000007", {"record": {"text": "а"}})
    long = line("79000000007", {"record": {"id": 7}})
    assert (long["finished"] - long["answered"]) > (short["finished"] - short["answered"]) + 10


def test_the_status_follows_the_clock():
    drawn = line("79000000001")
    seen = [script.status_at(drawn, at) for at in (-1, 0.3, drawn["started"], drawn["answered"])]
    assert seen == ["created", "processed", "started", "answered"]
    assert script.status_at(drawn, drawn["finished"]) == "finished"


@pytest.mark.parametrize("name", ["keyWords", "keywords"])
def test_both_spellings_and_separators_of_words_are_read(name):
    assert script.words_of({name: "да, конечно"}) == ["да", "конечно"]


def test_most_other_phones_answer():
    ends = [line(f"7900{n:05d}99")["status"] for n in range(300)]
    assert 150 < ends.count("finished") < 260
    assert {"busy", "canceled"} <= set(ends)
