import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calls.ivr import compile as ivr_compile
from calls.ivr.check import RecordFacts, problems
from calls.ivr.document import (
    BYTES_MAX,
    DEPTH_MAX,
    OWN_WEBHOOK,
    STEPS_MAX,
    Document,
    NotADocument,
    Sound,
    record_pks,
)
from calls.ivr.exports import MASKED_WEBHOOK, exported
from calls.ivr.imports import NOTES_MAX, Imported, TooLarge, read

SAMPLES = sorted((Path(__file__).parent / "imports").glob("*.txt"))
CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
RECORDS = {1: 11, 1342: 12}
KEY = "Zx9" * 20


def body(*steps, **fields) -> str:
    return json.dumps({"record": {"text": "Нажмите"}, "ivrs": list(steps), **fields})


def only_step(**fields):
    imported = read(body({"digit": 1, **fields}), records=RECORDS)
    return imported.document.steps[0], imported.notes


def nested(depth: int):
    entry: dict = {"digit": 1}
    for _level in range(depth - 1):
        entry = {"digit": 1, "ivrs": [entry]}
    return entry


def said(notes) -> str:
    return "\n".join(notes)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_people_bring_becomes_the_scenario_they_meant(path):
    imported = read(path.read_bytes(), records=RECORDS)
    expected = json.loads(path.with_suffix(".json").read_text())
    assert imported.document.as_json() == expected["document"]
    assert list(imported.notes) == expected["notes"]
    assert imported.name == expected["name"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_same_text_is_read_whatever_its_encoding_and_ends_of_lines(path):
    text = path.read_text()
    expected = read(text, records=RECORDS)
    assert read(text.replace("\n", "\r\n").encode("utf-16"), records=RECORDS) == expected
    assert read(text.encode("utf-8-sig"), records=RECORDS) == expected
    assert read(text.encode("cp1251"), records=RECORDS) == expected


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_exported_is_imported_without_loss(path):
    case = json.loads(path.read_text())
    document = Document.from_json(case["document"])
    facts = {
        int(pk): RecordFacts(each["name"], each["is_usable"])
        for pk, each in case["records"].items()
    }
    payload = ivr_compile.sketch(
        document,
        problems(document, records=facts),
        record_ids={int(pk): each["service_id"] for pk, each in case["records"].items()},
        step_webhook_url=MASKED_WEBHOOK,
    )
    text = json.dumps(exported("Опрос", document, payload), ensure_ascii=False, indent=2)
    ours = {pk * 100: pk for pk in record_pks(document)}
    assert read(text.encode(), records=ours) == Imported("Опрос", document)
    bare = json.dumps(document.as_json())
    assert read(bare, records=ours) == Imported("", document)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_the_service_gets_is_read_back_as_the_same_payload(path):
    case = json.loads(path.read_text())
    if "payload" not in case:
        return
    ids = {int(pk): each["service_id"] for pk, each in case["records"].items()}
    pks = {service_id: pk for pk, service_id in ids.items()}
    imported = read(json.dumps(case["payload"]), records=pks)
    message = ivr_compile.message(imported.document, record_ids=ids, step_webhook_url=OWN_WEBHOOK)
    assert message.as_json() == case["payload"]
    assert imported.notes == ()


def test_of_an_export_that_is_not_understood_the_payload_is_taken():
    data = {"format": "obzvon.scenario", "v": 1, "name": "Опрос", "document": {"v": 9}}
    steps = [{"digit": 1, "webhookUrl": MASKED_WEBHOOK}]
    text = json.dumps({**data, "record": {"text": "Да"}, "ivrs": steps})
    imported = read(text, records={})
    assert imported.name == "Опрос"
    assert imported.document.opening == Sound(text="Да")
    assert imported.document.steps[0].webhook.url == OWN_WEBHOOK
    assert "взят запрос к сервису" in said(imported.notes)
    with pytest.raises(NotADocument, match="версия"):
        read(json.dumps(data), records={})


def test_records_of_our_own_document_that_are_not_here_are_to_be_chosen_again():
    sound = {"kind": "record", "record": 12}
    step = {"trigger": {"kind": "silence"}, "sound": {"kind": "record", "record": 13}}
    above = {"trigger": {"kind": "silence"}, "steps": [step], "sound": sound}
    data = {"v": 1, "opening": {"kind": "record", "record": 1}, "steps": [above]}
    imported = read(json.dumps(data), records=RECORDS)
    assert record_pks(imported.document) == {12}
    assert imported.document.opening == Sound("record")
    assert [note.split(":")[0] for note in imported.notes] == ["Начало", "Ответ 1.1"]


def test_a_step_with_a_key_and_words_becomes_two_with_all_that_follows():
    answers = [{"digit": 1, "keyWords": "да", "ivrs": [{"digit": 2}]}, {"digit": 3, "x": 1}]
    imported = read(body(*answers), records={})
    first, second, third = imported.document.steps
    assert (first.trigger.digit, second.trigger.words, third.trigger.digit) == (1, ("да",), 3)
    assert first.steps[0].trigger == second.steps[0].trigger
    assert len({step.id for step, _depth in imported.document.walk()}) == 5
    assert imported.notes[1] == "Ответ 3: пропущены незнакомые поля: «x»."


def test_doubled_answers_do_not_double_without_end():
    entry: dict = {"digit": 1, "keyWords": "да"}
    for _level in range(DEPTH_MAX - 1):
        entry = {"digit": 1, "keyWords": "да", "ivrs": [entry]}
    with pytest.raises(NotADocument, match="500 шагов"):
        read(body(entry), records={})


@pytest.mark.parametrize(
    ("typed", "kept", "is_noted"),
    [
        ("89000000003", "79000000003", False),
        (79000000003, "79000000003", False),
        (79000000003.0, "79000000003", False),
        ("+7 900 000-00-03", "79000000003", False),
        ("9000000003", "9000000003", True),
        (9000000003, "9000000003", True),
        ("менеджер", "менеджер", True),
        ({"phone": 1}, "", True),
        (True, "", True),
        ("", "", False),
        (None, "", False),
    ],
)
def test_a_managers_phone_is_read_in_any_notation(typed, kept, is_noted):
    step, notes = only_step(managerPhone=typed)
    assert step.manager_phone == kept
    assert bool(notes) == is_noted


@pytest.mark.parametrize(
    ("given", "kind", "digit"),
    [
        ("1", "digit", 1),
        (" 1 ", "digit", 1),
        (1.0, "digit", 1),
        (12, "digit", 12),
        ("*", "digit", None),
        (True, "digit", None),
        ([1], "digit", None),
        ("", "silence", None),
        (None, "silence", None),
    ],
)
def test_a_digit_is_read_in_any_notation(given, kind, digit):
    step, _notes = only_step(digit=given)
    assert (step.trigger.kind, step.trigger.digit) == (kind, digit)


@pytest.mark.parametrize(
    ("given", "flag", "is_noted"),
    [
        *((value, True, False) for value in (1, "1", True, "true")),
        *((value, False, False) for value in (0, "0", False, "false", "", None)),
        *((value, False, True) for value in (2, "да", [1], {})),
    ],
)
def test_a_flag_is_read_in_any_notation(given, flag, is_noted):
    step, notes = only_step(needBlock=given, recognize=given)
    assert step.block is step.recognize is flag
    assert bool(notes) == is_noted


@pytest.mark.parametrize(
    ("given", "parameters"),
    [
        ('{"a": "1"}', (("a", "1"),)),
        ({"a": "1"}, (("a", "1"),)),
        ({"a": 2, "b": True, "c": [1]}, (("a", "2"), ("b", "1"), ("c", "[1]"))),
        ("[]", ()),
        ("", ()),
        ("{", ()),
        (5, ()),
        ("[" * 50_000, ()),
    ],
)
def test_parameters_of_a_webhook_are_read_as_text_or_object(given, parameters):
    step, _notes = only_step(webhookUrl="https://crm.example/", webhookParameters=given)
    assert step.webhook.parameters == parameters


@pytest.mark.parametrize(
    ("given", "sound"),
    [
        ({"id": 1}, Sound("record", record=11)),
        ({"id": "1342", "text": "", "gender": 0}, Sound("record", record=12)),
        (1, Sound("record", record=11)),
        ({"id": 5}, Sound("record")),
        ({"id": "приветствие"}, Sound("record")),
        ({"id": 1, "text": "Да"}, Sound("record", record=11)),
        ({"text": "Да", "gender": "1"}, Sound(text="Да", gender=1)),
        ({"text": "Да", "gender": 5}, Sound(text="Да")),
        ({"text": "а" * 2000}, Sound(text="а" * 2000)),
        ({"text": "", "gender": 0}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_record_or_a_text_is_read(given, sound):
    assert only_step(record=given)[0].sound == sound


def test_a_record_that_is_not_here_is_named_by_its_number_at_the_service():
    assert "с номером 77 " in said(read('{"record": {"id": 77}}', records=RECORDS).notes)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "null", "[]", "5", '"текст"', "{}", '{"a": 1}', '{"v": 1}', "{", "Привет!"),
        *(b"\xff\xfe", b"\x98\x00", b"\x89PNG\r\n", "[" * 100_000, '{"a":' * 100_000),
        *('{"record":' * 500, '{"record":{"id":1},"ivrs":' + "[" * 500, "1" * 10_000, "{ {" * 9000),
    ],
)
def test_what_has_no_scenario_in_it_is_refused_with_a_sentence(text):
    with pytest.raises(NotADocument, match=r"\.$"):
        read(text, records={})


def test_five_megabytes_are_refused_before_they_are_read():
    for text in ("[" * 5_000_000, b"[" * (BYTES_MAX + 1), "я" * (BYTES_MAX // 2 + 1)):
        with pytest.raises(TooLarge, match="1 МБ"):
            read(text, records={})


def test_trees_too_deep_or_too_wide_are_refused():
    read(body(nested(DEPTH_MAX)), records={})
    read(body(*[{"digit": 1}] * STEPS_MAX), records={})
    with pytest.raises(NotADocument, match="20 уровней"):
        read(body(nested(DEPTH_MAX + 1)), records={})
    with pytest.raises(NotADocument, match="500 шагов"):
        read(body(*[{"digit": 1}] * (STEPS_MAX + 1)), records={})


@pytest.mark.parametrize(
    "piece",
    [
        *(
            '{"a":1 \'x ',
            '{"a":1 "x ',
            '{"a" ',
            '{\\"a\\": ',
            "{a:1},",
            '"',
            "\\",
            '{"a":[1,{"b":2}',
        ),
        *('{\\"', "{ ", '{"record":[1,', '{"a":1}', "`", '{"a":"\\"', "{x"),
    ],
)
def test_a_megabyte_of_nonsense_takes_no_long_time(piece):
    text = piece * (BYTES_MAX // len(piece))
    started = time.process_time()
    with pytest.raises(NotADocument):
        read(text + '{"a', records={})
    assert time.process_time() - started < 4


def test_notes_of_a_hopeless_file_are_not_without_end():
    imported = read(body(*[{"digit": "x", "y": 1}] * 300), records={})
    assert len(imported.notes) == NOTES_MAX + 1
    assert imported.notes[-1] == "И ещё замечаний: 500."


@pytest.mark.parametrize(
    "text",
    [
        body({"digit": 1, KEY: 1, "managerPhone": KEY, "record": KEY}, apiKey=KEY),
        body({"digit": KEY, "apiKey": KEY, "needBlock": KEY}, apiKey=KEY),
        body({"digit": 1, "short-key": 1}, apiKey="short-key"),
        body({"digit": 1, "webhookParameters": KEY}, **{KEY: KEY}),
        f'{{"apiKey": "{KEY}", "record": {{"id": "{KEY}"}}, "ivrs": [',
        f'{{"record": {{"id": 1}}, "apiKey" "{KEY}": 1, "ivrs": []}}',
        f'{{"record": {{"id": 1}}, "apiKey": , "{KEY}": 1, "ivrs": [}}',
    ],
)
def test_a_key_never_stands_in_a_note(text):
    imported = read(text, records={})
    assert KEY[:9] not in said(imported.notes)
    assert "short-key" not in said(imported.notes)


def test_an_answer_of_the_refusal_does_not_repeat_the_key():
    with pytest.raises(NotADocument) as refusal:
        read(f'{{"apiKey": "{KEY}", "phone": "{KEY}"', records={})
    assert KEY[:9] not in str(refusal.value)


def test_what_databases_cannot_keep_is_dropped():
    text = '{"name": "a\\u0000\\ud800b", "record": {"text": "c\\ud800\\u0000d"},}'
    for broken in (text, text.replace(",}", "}")):
        imported = read(broken, records={})
        assert (imported.name, imported.document.opening.text) == ("ab", "cd")


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("1"), st.just(KEY)
)
NAMES = st.sampled_from(
    [
        *("record", "ivrs", "id", "text", "gender", "digit", "keyWords", "keywords", "recognize"),
        *("needBlock", "managerPhone", "smsText", "webhookUrl", "webhookParameters", "label"),
        *("name", "apiKey", "document", "v", "opening", "steps", "kind", "trigger", "sound", "0"),
        *("words", "webhook", "parameters", "url", "format"),
    ]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8),
    max_leaves=25,
)


def is_read_or_refused(text):
    try:
        imported = read(text, records=RECORDS)
    except NotADocument:
        return
    assert Document.from_json(imported.document.as_json()) == imported.document
    assert KEY not in said(imported.notes)
    json.dumps([imported.name, *imported.notes], ensure_ascii=False).encode()


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=8))
@example({"v": 1, "opening": {"text": "x"}, "steps": [{"trigger": {"kind": [1]}}]})
def test_any_json_is_a_scenario_or_refused(data):
    is_read_or_refused(json.dumps(data))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=8), st.data())
def test_any_broken_json_is_a_scenario_or_refused(data, draw):
    text = json.dumps(data, ensure_ascii=False)
    cut = draw.draw(st.integers(0, len(text)))
    put = draw.draw(st.text("{}[]\",:'\\ \n0ax", max_size=4))
    is_read_or_refused(text[:cut] + put + text[cut + draw.draw(st.integers(0, 3)) :])


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text("{}[]\",:'\\ \n0arecod", max_size=200))
def test_any_text_is_a_scenario_or_refused(text):
    is_read_or_refused(text)
