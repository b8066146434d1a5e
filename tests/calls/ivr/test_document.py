import json

import pytest

from calls.ivr.check import limits_as_json
from calls.ivr.document import (
    BYTES_MAX,
    DEPTH_MAX,
    STEPS_MAX,
    Document,
    NotADocument,
    Sound,
    new_document,
    parse,
    record_pks,
)
from obzvon_site.provider.limits import LIMITS


def step(**fields):
    return {"id": "", "trigger": {"kind": "silence"}, **fields}


def document(*steps, **fields):
    return {"v": 1, "opening": {"kind": "text", "text": "Да"}, "steps": list(steps), **fields}


def nested(depth):
    tree = step()
    for _level in range(depth - 1):
        tree = step(steps=[tree])
    return document(tree)


def test_a_new_document_reads_itself_back():
    assert Document.from_json(new_document().as_json()) == new_document()


def test_what_is_missing_gets_its_default():
    read = Document.from_json({"v": 1})
    assert read == Document(opening=Sound())


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"v": 2},
        {"v": 1, "opening": "text"},
        {"v": 1, "opening": {"kind": "song"}},
        {"v": 1, "opening": {"kind": "record", "record": "x"}},
        {"v": 1, "opening": {"kind": "record", "record": 0}},
        {"v": 1, "opening": {"kind": "record", "record": 2**63}},
        {"v": 1, "opening": {"kind": "text", "text": {"a": 1}}},
        {"v": 1, "steps": {"a": 1}},
        {"v": 1, "steps": ["a"]},
        document(step(trigger={"kind": "smile"})),
        document(step(trigger={"kind": "digit", "digit": "one"})),
        document(step(trigger={"kind": "words", "words": "yes"})),
        document(step(webhook={"url": "https://a.example", "parameters": {"a": {"b": 1}}})),
        document(step(webhook={"url": "https://a.example", "parameters": [1]})),
        document(step(sms=True)),
    ],
)
def test_what_is_no_scenario_is_refused_with_a_sentence(data):
    with pytest.raises(NotADocument) as refusal:
        Document.from_json(data)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[1, 2", b"[" * 100_000, b"1" * 10_000])
def test_what_is_no_json_is_refused_with_a_sentence(text):
    with pytest.raises(NotADocument, match=r"\.$"):
        parse(text)


def test_five_megabytes_are_refused_before_they_are_read():
    text = json.dumps(document(opening={"kind": "text", "text": "a" * 5_000_000})).encode()
    with pytest.raises(NotADocument, match="1 МБ"):
        parse(text)
    with pytest.raises(NotADocument, match="1 МБ"):
        Document.from_json(json.loads(text))


def test_a_document_just_under_the_size_is_read():
    text = json.dumps(document(opening={"kind": "text", "text": "a" * (BYTES_MAX - 200)}))
    assert len(parse(text.encode()).opening.text) == BYTES_MAX - 200


def test_twenty_levels_are_read_and_fifty_are_refused():
    assert max(depth for _step, depth in Document.from_json(nested(DEPTH_MAX)).walk()) == 20
    for depth in (DEPTH_MAX + 1, 50):
        with pytest.raises(NotADocument, match="20 уровней"):
            Document.from_json(nested(depth))


def test_more_than_five_hundred_steps_are_refused():
    Document.from_json(document(*[step()] * STEPS_MAX))
    with pytest.raises(NotADocument, match="500 шагов"):
        Document.from_json(document(*[step()] * (STEPS_MAX + 1)))


def test_odd_missing_and_repeated_ids_are_replaced_and_good_ones_kept():
    ids = ["good-1", "", "good-1", "root", '"><script>', "a" * 41, "s1", "с кириллицей"]
    read = Document.from_json(document(*[step(id=name) for name in ids]))
    names = [each.id for each, _depth in read.walk()]
    assert names[0] == "good-1"
    assert names[6] == "s1"
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)
    assert "root" not in names


def test_what_databases_cannot_keep_is_dropped_from_texts():
    read = Document.from_json(document(opening={"kind": "text", "text": "a\x00b\ud800c"}))
    assert read.opening.text == "abc"
    assert read.sha256()


def test_equal_documents_have_equal_sums_whatever_the_order_of_keys():
    data = document(step(id="a", sms="Да"))
    turned = dict(reversed(list(data.items())))
    assert Document.from_json(data).sha256() == Document.from_json(turned).sha256()
    other = document(step(id="a", sms="Нет"))
    assert Document.from_json(data).sha256() != Document.from_json(other).sha256()


def test_records_of_the_whole_tree_are_known():
    sound = {"kind": "record", "record": 7}
    unchosen = {"kind": "record", "record": None}
    data = document(
        step(sound=sound, steps=[step(sound={"kind": "record", "record": 8}, id="b")], id="a"),
        step(sound=unchosen, id="c"),
        opening=sound,
    )
    assert record_pks(Document.from_json(data)) == {7, 8}


def test_the_editor_gets_the_same_table_of_limits():
    table = limits_as_json()
    assert table["text"] == {"min": 1, "max": LIMITS["text"].max}
    assert table["sms"]["max"] == 70
    assert table["steps"]["max"] == STEPS_MAX
    assert json.dumps(table)
