"""Faults, forms, sound and memory of the emulator."""

import io
import wave

import pytest

from obzvon_site.provider.emulator import speech
from obzvon_site.provider.emulator.app import encoded
from obzvon_site.provider.emulator.demands import Complaint
from obzvon_site.provider.emulator.faults import Fault, Faults
from obzvon_site.provider.emulator.methods import Service
from obzvon_site.provider.emulator.multipart import read_form
from obzvon_site.provider.emulator.store import Store, clock

# Faults


def test_a_fault_is_parsed_from_the_environment():
    fault = Fault.parse("delay:create,probability=0.5,count=3,seconds=2")
    assert (fault.kind, fault.method, fault.probability) == ("delay", "create", 0.5)
    assert (fault.count, fault.seconds) == (3, 2)


def test_an_unknown_fault_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="reset"):
        Fault.parse("earthquake")


def test_a_counted_fault_is_used_up():
    faults = Faults("500:get,count=2", seed=1)
    assert [bool(faults.strike("get")) for _ in range(3)] == [True, True, False]


def test_a_fault_strikes_its_method_alone():
    faults = Faults("500:get", seed=1)
    assert faults.strike("create") is None
    assert faults.strike("get").kind == "500"


def test_troubles_of_news_strike_no_answers_and_the_others_no_news():
    news, answers = Faults("lost", seed=1), Faults("500", seed=1)
    assert (news.strike("create"), news.strike("webhook").kind) == (None, "lost")
    assert (answers.strike("webhook"), answers.strike("create").kind) == (None, "500")
    assert news.struck() == {"webhook lost": 1}


def test_chance_decides_by_the_seed():
    hits = [bool(Faults("500,probability=0.3", seed=n).strike("get")) for n in range(200)]
    assert 30 < sum(hits) < 90


# Forms


def form(*parts: bytes, edge: bytes = b"X") -> io.BytesIO:
    return io.BytesIO(
        b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts)
        + b"--"
        + edge
        + b"--\r\n"
    )


def read(source: io.BytesIO, target, kind: str = "multipart/form-data; boundary=X"):
    return read_form(source, len(source.getvalue()), kind, target)


def test_fields_and_a_file_are_read(tmp_path):
    content = b"\r\n--Yx\r\n" * 20_000
    head = b'Content-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    text = 'Content-Disposition: form-data; name="name"\r\n\r\nРолик'.encode()
    fields, upload = read(form(text, head + content), tmp_path / "u")
    assert fields == {"name": "Ролик"}
    assert (upload.name, upload.size) == ("a.wav", len(content))
    assert (tmp_path / "u").read_bytes() == content


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=other"])
def test_a_form_without_its_boundary_is_refused(tmp_path, kind):
    with pytest.raises(ValueError):  # noqa: PT011  # two sentences, one class
        read(form(b'Content-Disposition: form-data; name="a"\r\n\r\n1'), tmp_path / "u", kind)


def test_a_form_that_ends_in_the_middle_is_refused(tmp_path):
    cut = io.BytesIO(b'--X\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nabc')
    with pytest.raises(ValueError, match="middle"):
        read(cut, tmp_path / "u")


# Sound


@pytest.fixture
def no_synthesiser(monkeypatch):
    monkeypatch.setattr(speech, "_speech", lambda text, gender: None)


def test_a_text_is_a_playable_wav_that_says_its_words_in_a_comment(no_synthesiser):
    sound = speech.sound_of("Привет, это проверка")
    with wave.open(io.BytesIO(sound)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(2.0, abs=0.3)
    assert "Привет".encode() in sound


def test_a_conversation_is_as_long_as_it_was(no_synthesiser):
    with wave.open(io.BytesIO(speech.sound_of("а", seconds=7))) as file:
        assert file.getnframes() == 7 * speech.RATE


def test_a_synthesiser_that_fails_is_replaced_by_a_tone(monkeypatch):
    monkeypatch.setattr(speech.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(speech.shutil, "which", lambda name: "/bin/false")
    assert speech.sound_of("Привет").startswith(b"RIFF")


# Service and memory


@pytest.fixture
def service(tmp_path):
    store = Store(tmp_path / "e.sqlite3", 100.0)
    yield Service(store, tmp_path, "key", speed=1000)
    store.close()


def create(service, *phones, **fields):
    body = {"apiKey": "key", "phones": list(phones), "dutyPhone": 1, "record": {"text": "а"}}
    return service.answer("create", {**body, **fields}, None)


def test_phone_and_phones_are_one_thing(service):
    one = service.answer(
        "create",
        {"apiKey": "key", "phone": "79000000001", "dutyPhone": 1, "record": {"text": "а"}},
        None,
    )
    assert one[0]["id"] == 700_001
    assert create(service, "79000000001")[0]["id"] == 700_002
    assert service.store.counts() == {"79000000001": 2}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"phones": ["123"]}, "phones.0"),
        ({"phones": []}, "phone"),
        ({"dutyPhone": 0}, "outgoingPhone"),
        ({"record": {}}, "record.id"),
        ({"record": {"text": "ю" * 1025}}, "record.text"),
        ({"webhookUrl": "https://e.com/" + "a" * 255}, "webhookUrl"),
        ({"ivrs": [{"digit": 1}, {"digit": 1}]}, "ivrs.1.digit"),
        ({"ivrs": [{"digit": 12}]}, "ivrs.0.digit"),
        ({"ivrs": [{"digit": 1, "ivrs": [{"smsText": "ю" * 71}]}]}, "ivrs.0.ivrs.0.smsText"),
        ({"ivrs": [{"digit": 1, "webhookParameters": {"a": 1}}]}, "ivrs.0.webhookParameters"),
        ({"ivrs": [{"digit": 1, "managerPhone": "12"}]}, "ivrs.0.managerPhone"),
    ],
)
def test_what_the_document_forbids_is_named(service, fields, name):
    with pytest.raises(Complaint) as caught:
        create(service, **{"phones": ["79000000001"], **fields})
    assert caught.value.status == 422
    assert name in caught.value.fields
    assert service.store.counts() == {}


def test_a_wrong_key_is_refused_before_anything_else(service):
    with pytest.raises(Complaint) as caught:
        service.answer("userInfo", {"apiKey": "other"}, None)
    assert caught.value.status == 401


def test_a_subscriber_who_refused_calls_is_not_called_again(service):
    steps = [{"digit": 1, "needBlock": 1}]
    create(service, "79000000010", ivrs=steps)
    service.store.run("UPDATE call SET blocks_at = ?", [clock() - 1])
    (entry,) = create(service, "79000000010")
    assert "черном списке" in entry["message"]


def test_calls_with_an_unapproved_record_do_not_go_out(service):
    made = service.answer(
        "createRecord", {"apiKey": "key", "name": "брак", "source": "text", "text": "а"}, None
    )
    create(service, "79000000001", record={"id": made["id"]})
    (told,) = service.answer("get", {"apiKey": "key"}, None)
    assert told["calls"][0]["status"] == "created"


def test_memory_outlives_the_process(service, tmp_path):
    create(service, "79000000001")
    service.store.charge(1)
    again = Store(tmp_path / "e.sqlite3", 100.0)
    assert again.counts() == {"79000000001": 1}
    assert again.balance(0) == pytest.approx(98.6)
    again.close()


def test_json_looks_as_php_writes_it():
    assert encoded({"a": "я/"}) == b'{"a": "\\u044f\\/"}'
