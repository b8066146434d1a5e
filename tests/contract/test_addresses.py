"""The real client against the emulator, once for each documented address, in both envelopes."""

import io
import time
import wave
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from obzvon_site.provider import errors
from obzvon_site.provider.client import ProviderClient
from obzvon_site.provider.payloads import CallOrder, Message, Sound, Step
from tests.installation import wait_for

HELLO = Message(Sound(text="Здравствуйте!")).as_json()


def order(*phones: str, **fields) -> CallOrder:
    return CallOrder(phones=phones, **{"message": HELLO, "need_recording": True, **fields})


def ended(client, number):
    """The only attempt of a call, once it has ended."""
    return wait_for(
        lambda: next((news for news in client.get([number])[0].calls if news.is_final), None),
        seconds=10,
    )


def test_create_answers_each_phone(client, emulator):
    made = client.create(order("79000000001", "79000000002"))
    assert [call.phone for call in made.calls] == ["79000000001", "79000000002"]
    assert made.refused == ()
    assert emulator.counts() == {"79000000001": 1, "79000000002": 1}


def test_create_may_refuse_one_phone_of_an_order(client, emulator):
    made = client.create(order("79000000001", "79000000008"))
    assert [call.phone for call in made.calls] == ["79000000001"]
    assert [refused.phone for refused in made.refused] == ["79000000008"]
    assert made.refused[0].words == "Номер недоступен для вызова"
    assert emulator.counts() == {"79000000001": 1}


def test_create_of_a_scenario_with_the_answers_of_its_steps(client):
    message = Message(
        Sound(text="Меню"),
        recognize=True,
        steps=(
            Step(digit=2, sound=Sound(text="Два"), steps=(Step(digit=1, sms_text="Привет"),)),
            Step(words=("да", "конечно"), need_block=True),
        ),
    ).as_json()
    pressed, spoken = client.create(order("79000000001", "79000000006", message=message)).calls
    assert ended(client, pressed.id).ivr_answers == "|2|1|"
    said = ended(client, spoken.id)
    assert (said.ivr_answers, said.to_block) == ("|да|", True)


@pytest.mark.parametrize(
    ("ending", "status"),
    [("02", "busy"), ("03", "canceled"), ("04", "canceled"), ("07", "finished")],
)
def test_get_tells_how_a_call_ended(client, ending, status):
    (made,) = client.create(order(f"790000000{ending}")).calls
    news = ended(client, made.id)
    assert news.status == status
    assert news.hangup_cause
    assert news.cost is not None
    assert (news.answered_at is not None) == (status == "finished")


def test_get_without_ids_lists_all(client):
    client.create(order("79000000001", "79000000002"))
    assert [call.phone for call in client.get()] == ["79000000001", "79000000002"]


def test_get_of_an_unknown_id_is_empty(client):
    assert client.get([1]) == []


def test_a_manager_is_connected(client):
    message = Message(Sound(text="Меню"), steps=(Step(digit=1, manager_phone="79000000099"),))
    (made,) = client.create(order("79000000005", message=message.as_json())).calls
    news = ended(client, made.id)
    assert news.manager_started_at is not None
    assert news.manager_status


def test_a_planned_call_waits(client):
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    (made,) = client.create(order("79000000001", planned_at=later)).calls
    (told,) = client.get([made.id])
    assert told.planned_at == later
    assert told.calls[0].status == "created"


def test_a_recording_can_be_fetched_and_played(client):
    (made,) = client.create(order("79000000001")).calls
    url = ended(client, made.id).recording_url
    file = io.BytesIO()
    client.fetch_sound(url, file, max_bytes=10_000_000)
    file.seek(0)
    with wave.open(file) as sound:
        assert sound.getnframes() > 0


def test_create_record_from_a_text_passes_moderation(client):
    made = client.create_record("Приветствие", text="Добрый день", gender=1)
    assert (made.name, made.text) == ("Приветствие", "Добрый день")
    wait_for(lambda: client.get_records()[0].status == "approved", seconds=10)
    assert client.get_records()[0].needs_moderation is False


def test_create_record_from_a_file(client, emulator):
    content = b"RIFF" + bytes(range(256)) * 400
    made = client.create_record("Файл", file=io.BytesIO(content), file_name='ро"лик.wav')
    file = io.BytesIO()
    client.fetch_sound(made.path, file, max_bytes=10_000_000)
    assert file.getvalue() == content


def test_a_rejected_record_says_why(client):
    client.create_record("Брак", text="Плохой текст")
    wait_for(lambda: client.get_records()[0].status == "rejected", seconds=10)
    assert client.get_records()[0].moderator_comment


def test_remove_record(client):
    made = client.create_record("На удаление", text="Текст")
    removed = client.remove_record(made.id)
    assert removed is None or removed.deleted_at is not None
    assert client.get_records() == []
    with pytest.raises(errors.NotFound):
        client.remove_record(made.id)


def test_user_info_and_what_things_cost(client):
    before = client.user_info().balance
    assert before == Decimal(1000)
    client.create_record("Платный", text="Текст")
    assert client.user_info().balance == before - Decimal("0.40")


def test_get_phones(client):
    phones = client.get_phones()
    assert {phone.is_confirmed for phone in phones} == {True, False}
    assert all(len(phone.phone) == 11 for phone in phones)


# Refusals


def test_a_wrong_key(client, emulator):
    with pytest.raises(errors.WrongKey) as caught:
        ProviderClient(emulator.url, "W" * 60).user_info()
    assert "W" * 10 not in str(caught.value)


def test_no_money(client, emulator):
    emulator.control("balance", balance=0)
    with pytest.raises(errors.NoMoney):
        client.create(order("79000000001"))
    assert emulator.counts() == {}


def test_an_outgoing_number_that_is_not_confirmed(client):
    with pytest.raises(errors.BadRequest) as caught:
        client.create(order("79000000001", outgoing_phone="78120000003"))
    assert "outgoingPhone" in caught.value.fields


def test_a_record_that_is_not_there(client):
    with pytest.raises(errors.Refused):
        client.create(order("79000000001", message=Message(Sound(id=5)).as_json()))


# Troubles: what is done once is never done twice


@pytest.mark.parametrize(
    ("kind", "error", "done"),
    [
        ("500", errors.OutcomeUnknown, 0),
        ("html", errors.OutcomeUnknown, 0),
        ("reset", errors.OutcomeUnknown, 1),
        ("truncated", errors.OutcomeUnknown, 1),
        ("envelope", errors.OutcomeUnknown, 1),
        ("429", errors.TooFast, 0),
    ],
)
def test_create_in_trouble_is_asked_once(client, emulator, kind, error, done):
    emulator.control("faults", kind=kind, method="create", count=1, seconds=7)
    with pytest.raises(error):
        client.create(order("79000000001"))
    assert emulator.counts() == ({"79000000001": 1} if done else {})


@pytest.mark.parametrize("kind", ["delay", "drip"])
def test_create_that_takes_too_long_is_given_up_and_may_have_been_done(emulator, client, kind):
    hasty = ProviderClient(emulator.url, emulator.key, deadline=0.5)
    emulator.control("faults", kind=kind, method="create", count=1, seconds=2)
    began = time.monotonic()
    with pytest.raises(errors.OutcomeUnknown):
        hasty.create(order("79000000001"))
    assert time.monotonic() - began < 2
    wait_for(lambda: emulator.counts() == {"79000000001": 1}, seconds=5)


@pytest.mark.parametrize("kind", ["500", "429", "html"])
def test_a_question_in_trouble_is_repeated(client, emulator, kind):
    emulator.control("faults", kind=kind, method="userInfo", count=1, seconds=0.1)
    assert client.user_info().balance == Decimal(1000)
