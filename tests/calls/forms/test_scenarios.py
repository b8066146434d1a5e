import json
from pathlib import Path

import pytest
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from calls.forms.scenarios import NewScenarioForm, Posted
from calls.ivr.document import Document, NotADocument, Sound, Step, Trigger, Webhook
from calls.ivr.examples import EXAMPLES
from calls.models import Scenario
from calls.services import templates
from tests.calls.scenarios import NOW, document, key, posted
from tests.factories import make_account

CASES = Path(__file__).parent.parent / "ivr" / "cases"


def query(data: dict) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        values = value if isinstance(value, list) else [value]
        MultiValueDict.setlist(found, name, [str(each) for each in values])
    return found


def typed(tree: Document, **changes) -> Posted:
    scenario = Scenario(name="Опрос", draft=tree.as_json(), draft_revision=3)
    return Posted.read(query(posted(scenario, **changes)))


@pytest.mark.parametrize("key_of_example", EXAMPLES)
def test_an_example_comes_back_from_the_page_as_it_was(key_of_example):
    tree = EXAMPLES[key_of_example].document()
    assert typed(tree).document == tree


def test_every_field_comes_back_from_the_page_as_it_was():
    data = json.loads((CASES / "every-action-nested.json").read_text())["document"]
    tree = Document.from_json(data)
    read = typed(tree)
    assert read.document == tree
    assert (read.name, read.revision) == ("Опрос", 3)


def test_what_is_not_finished_comes_back_too():
    tree = document(
        Step("a", trigger=Trigger("digit"), sound=Sound("record")),
        Step("b", trigger=Trigger("words"), webhook=Webhook(url="")),
        Step(
            "c",
            webhook=Webhook(
                url="https://a.example", parameters=(("x", "1"), ("x", "2"), ("", "3"))
            ),
        ),
    )
    assert typed(tree).document == tree


def test_words_may_be_parted_by_commas():
    tree = document(Step("a", trigger=Trigger("words")))
    read = typed(tree, **{"words-a": " да,  хорошо;согласен "})
    assert read.document.steps[0].trigger.words == ("да", "хорошо", "согласен")


def test_a_line_break_of_a_browser_is_one_character():
    read = typed(document(key(1)), **{"sms-k1": " а\r\nб "})
    assert read.document.steps[0].sms == "а\nб"


def test_an_empty_row_of_parameters_is_none():
    tree = document(Step("a", webhook=Webhook(url="https://a.example")))
    read = typed(tree, **{"parameter_name-a": ["", " x "], "parameter_value-a": [" ", "1 "]})
    assert read.document.steps[0].webhook.parameters == (("x", "1"),)


def test_a_nameless_scenario_gets_a_name_and_a_long_one_is_cut():
    assert typed(document(), name="  ").name == "Без названия"
    assert len(typed(document(), name="н" * 500).name) == 120
    assert typed(document(), name="а\x00б").name == "аб"


@pytest.mark.parametrize("revision", ["", "x", "-1", "1.5", "١", "9" * 5000])
def test_a_broken_revision_is_one_no_draft_has(revision):
    assert typed(document(), revision=revision).revision == 0


def test_steps_in_a_circle_or_without_a_menu_do_not_hang_the_page():
    lines = ["a root", "b a", "a b", "c d", "d c", "lonely", ""]
    assert [s.id for s, _depth in typed(document(), step=lines).document.walk()] == ["a", "b", "s1"]


def test_fifty_levels_are_refused_with_a_sentence():
    lines = [f"s{level} {f's{level - 1}' if level else 'root'}" for level in range(50)]
    with pytest.raises(NotADocument, match="20 уровней"):
        typed(document(), step=lines)


def test_too_many_steps_and_too_much_text_are_refused_with_a_sentence():
    with pytest.raises(NotADocument, match="500 шагов"):
        typed(document(), step=[f"s{number} root" for number in range(501)])
    with pytest.raises(NotADocument, match="1 МБ"):
        typed(document(text="я" * 600_000))


@pytest.mark.parametrize("record", ["x", "-1", "0", "9" * 30, "1.5"])
def test_a_record_that_cannot_be_is_refused(record):
    with pytest.raises(NotADocument):
        typed(document(), **{"sound-root": "record", "record-root": record})


def test_nothing_at_all_is_an_empty_draft():
    assert Posted.read(QueryDict("")).document == Document()


@pytest.mark.parametrize(
    ("action", "left", "focus"),
    [
        ("save", ["k1", "k2", "k3"], ""),
        ("up:k3", ["k1", "k3", "k2"], "k3"),
        ("down:k1", ["k2", "k1", "k3"], "k1"),
        ("remove:k2", ["k1", "k3"], "k3"),
        ("more:k2", ["k1", "k2", "k3"], "k2"),
        ("nonsense", ["k1", "k2", "k3"], ""),
    ],
)
def test_a_button_changes_the_tree_and_names_the_step_to_look_at(action, left, focus):
    after, looked_at = typed(document(key(1), key(2), key(3))).after(action)
    assert [step.id for step in after.document.steps] == left
    assert looked_at == focus


def test_an_added_answer_keeps_what_was_typed_beside_it():
    after, focus = typed(document(key(1)), **{"label-k1": "Согласен"}).after("add:k1")
    assert after.document.steps[0].label == "Согласен"
    assert after.document.steps[0].steps[0].id == focus


@pytest.mark.django_db
def test_a_new_scenario_takes_its_name_from_the_example():
    account = make_account()
    form = NewScenarioForm({"account": account.pk, "example": "poll"})
    assert form.is_valid()
    assert form.title() == "Опрос"
    assert len(form.document().steps) == 5
    plain = NewScenarioForm({"account": account.pk})
    assert plain.is_valid()
    assert (plain.title(), plain.document()) == ("Новый сценарий", Document())


@pytest.mark.django_db
def test_a_new_scenario_may_start_from_what_people_saved_until_it_is_removed():
    account = make_account()
    saved = templates.save("Наш", "", document(key(1)), actor=None, now=NOW)
    data = {"account": account.pk, "example": templates.key_of(saved)}
    form = NewScenarioForm(data)
    assert form.is_valid()
    assert (form.title(), form.document()) == ("Наш", document(key(1)))
    late = NewScenarioForm(data)
    templates.remove(saved, actor=None)
    assert not late.is_valid()
    assert "больше нет" in str(late.errors)


@pytest.mark.django_db
@pytest.mark.parametrize("data", [{"example": "gone"}, {"account": "0"}, {"name": "н" * 121}])
def test_a_new_scenario_of_nonsense_is_refused(data):
    form = NewScenarioForm({"account": make_account().pk, **data})
    assert not form.is_valid()
