import pytest

from calls.ivr import edit
from calls.ivr.document import DEPTH_MAX, ROOT, Document, NotADocument, Sound, Step, Trigger


def key(digit, *steps):
    return Step(f"k{digit}", trigger=Trigger("digit", digit=digit), steps=steps)


def tree(*steps):
    return Document(opening=Sound(text="Да"), steps=steps)


def ids(document):
    return [(step.id, depth) for step, depth in document.walk()]


def test_a_new_answer_gets_the_next_free_key_of_its_menu():
    document, new_id = edit.add(tree(key(1), key(3)), ROOT)
    assert document.steps[-1].id == new_id
    assert document.steps[-1].trigger == Trigger("digit", digit=2)


def test_a_new_answer_of_a_full_keypad_waits_for_words():
    document, _new_id = edit.add(tree(*map(key, range(10))), ROOT)
    assert document.steps[-1].trigger == Trigger("words")


def test_a_new_answer_stands_before_silence():
    document, new_id = edit.add(tree(key(1), Step("silent")), ROOT)
    assert [step.id for step in document.steps] == ["k1", new_id, "silent"]


def test_a_nested_menu_begins_with_key_one():
    document, new_id = edit.add(tree(key(1, key(2))), "k2")
    assert ids(document) == [("k1", 1), ("k2", 2), (new_id, 3)]
    assert document.find(new_id).trigger.digit == 1


def test_an_unknown_parent_changes_nothing():
    before = tree(key(1))
    assert edit.add(before, "gone")[0] == before


def test_the_tree_does_not_grow_deeper_than_it_may():
    step = Step("s20")
    for level in range(DEPTH_MAX - 1, 0, -1):
        step = Step(f"s{level}", steps=(step,))
    with pytest.raises(NotADocument, match="20 уровней"):
        edit.add(tree(step), "s20")


@pytest.mark.parametrize(
    ("step_id", "left", "neighbour"),
    [
        ("k1", ["k2", "k3"], "k2"),
        ("k3", ["k1", "k4", "k2"], "k2"),
        ("k4", ["k1", "k2", "k3"], "k1"),
        ("gone", ["k1", "k4", "k2", "k3"], ROOT),
    ],
)
def test_a_removed_step_takes_its_menu_along_and_names_a_neighbour(step_id, left, neighbour):
    document, focus = edit.remove(tree(key(1, key(4)), key(2), key(3)), step_id)
    assert [step.id for step, _depth in document.walk()] == left
    assert focus == neighbour


def test_the_last_step_removed_leads_to_the_beginning():
    assert edit.remove(tree(key(1)), "k1") == (tree(), ROOT)


def test_a_step_moves_within_its_menu_and_stops_at_the_ends():
    before = tree(key(1, key(4), key(5)), key(2))
    assert [s.id for s in edit.move(before, "k2", -1).steps] == ["k2", "k1"]
    assert [s.id for s in edit.move(before, "k4", 1).steps[0].steps] == ["k5", "k4"]
    assert edit.move(before, "k1", -1) == before
    assert edit.move(before, "k2", 1) == before
    assert edit.move(before, "gone", 1) == before
