import itertools
from datetime import UTC, datetime

import pytest

from calls.ivr.document import Sound, Step, Trigger
from calls.models import Call
from calls.ways import Menu, Part, Ways, ways
from tests.calls.scenarios import (
    document,
    key,
    make_campaign,
    make_record,
    make_scenario,
    make_version,
)

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
numbers = itertools.count(79_000_000_000)

pytestmark = pytest.mark.django_db


def words(*said: str, **fields) -> Step:
    return Step(trigger=Trigger("words", words=said), **{"id": "w", **fields})


def silence(**fields) -> Step:
    return Step(**{"id": "silence", **fields})


def make_calls(campaign, answers: str = "", number: int = 1, **fields) -> None:
    """Calls that were answered and are over, unless ``fields`` say otherwise."""
    fields = {
        "stage": Call.Stage.ACCEPTED,
        "status": "finished",
        "is_final": True,
        "planned_at": NOON,
        "answered_at": NOON,
        "ivr_answers": answers,
        **fields,
    }
    calls = [Call(campaign=campaign, phone=str(next(numbers)), **fields) for _ in range(number)]
    Call.objects.bulk_create(calls)


def walked(*steps: Step, calls: dict[str, int]) -> Ways:
    """The ways of a version after so many calls with such answers."""
    version = make_version(make_scenario(document=document(*steps, recognize=True)))
    campaign = make_campaign(version)
    for answers, number in calls.items():
        make_calls(campaign, answers, number)
    return ways(version)


def menus(menu: Menu):
    yield menu
    for way in menu.ways:
        yield from menus(way.menu)


def counts(found: Ways) -> dict[str, int]:
    return {way.step.id: way.count for menu in menus(found.menu) for way in menu.ways}


def lost(found: Ways) -> list[tuple[int, int, int]]:
    """(reached, silent, other) of each menu that somebody reached."""
    all_of_them = menus(found.menu)
    return [(m.reached, m.silent.count, m.other.count) for m in all_of_them if m.reached]


def test_answers_are_counted_on_the_steps_they_lead_to():
    inner = key(2, steps=(key(1, id="k21"), words("Да", "конечно", id="w2"), key(3, id="k23")))
    found = walked(
        key(1),
        inner,
        calls={"|1|": 5, "1": 1, "|2|1|": 3, "|2|да|": 2, "|2|Конечно, да!|": 1, "|2|7|": 1, "": 4}
        | {"|2|": 2, "|9|": 1, "|9|1|": 1, "|1|Иван|": 2},
    )
    assert counts(found) == {"k1": 8, "k2": 9, "k21": 3, "w2": 3, "k23": 0}
    assert lost(found) == [(23, 4, 2), (9, 2, 1)]
    assert (found.called, found.answered, found.talking) == (23, 23, 0)


def test_the_parts_of_a_menu_add_up_to_those_who_reached_it():
    deep = key(2, steps=(key(1, id="k21", steps=(key(5),)), silence(id="s2", steps=(key(6),))))
    answers = ["", "|1|", "|2|", "|2|1|", "|2|1|5|", "|2|6|", "|2|8|", "|8|", "|2|1|8|"]
    calls = {given: number for number, given in enumerate(answers, start=1)}
    found = walked(key(1), deep, calls=calls)
    assert found.menu.reached == sum(calls.values())
    for menu in menus(found.menu):
        taken = sum(way.count for way in menu.ways)
        assert menu.reached == taken + menu.silent.count + menu.other.count
        for way in menu.ways:
            assert way.menu.reached == (way.count if way.step.steps else 0)


def test_who_kept_silent_took_the_step_for_silence():
    found = walked(key(1), silence(), calls={"|1|": 1, "": 3, "|7|": 1})
    assert counts(found) == {"k1": 1, "silence": 3}
    assert lost(found) == [(5, 0, 1)]


def test_an_answer_may_lead_through_silences():
    last = silence(id="s2", steps=(key(5),))
    found = walked(
        key(1), silence(steps=(key(2), last)), calls={"|5|": 2, "|2|": 3, "": 4, "|1|": 1, "|8|": 1}
    )
    # Who said nothing at all went to the last menu, and was silent there too.
    assert counts(found) == {"k1": 1, "silence": 9, "k2": 3, "s2": 6, "k5": 2}
    assert lost(found) == [(11, 0, 1), (9, 0, 0), (6, 4, 0)]


def test_a_key_of_the_menu_itself_comes_before_one_behind_silence():
    found = walked(key(1), silence(steps=(key(1, id="later"),)), calls={"|1|": 2})
    assert counts(found) == {"k1": 2, "silence": 0, "later": 0}


def test_nobody_hears_a_menu_after_the_manager():
    found = walked(key(1, manager_phone="79123456789", steps=(key(2),)), calls={"|1|": 3})
    assert counts(found) == {"k1": 3, "k2": 0}
    assert lost(found) == [(3, 0, 0)]


def test_the_last_digit_speaks_for_answers_that_did_not_come():
    version = make_version()
    make_calls(make_campaign(version), ivr_digit="2")
    assert counts(ways(version)) == {"k1": 0, "k2": 1}


def test_only_calls_that_were_answered_and_are_over_are_in_the_tree():
    version = make_version()
    campaign = make_campaign(version)
    make_calls(campaign, "|1|", 3)
    make_calls(campaign, "|1|", is_final=False, status="answered")
    make_calls(campaign, number=2, answered_at=None, status="canceled")
    make_calls(campaign, stage=Call.Stage.REFUSED, answered_at=None, status="")
    found = ways(version)
    assert (found.called, found.answered, found.talking) == (6, 4, 1)
    assert lost(found) == [(3, 0, 0)]


def test_only_calls_of_the_version_and_of_the_chosen_campaign_are_counted():
    version, stranger = make_version(), make_version(make_scenario(key(1), name="Другой"))
    first, second = make_campaign(version), make_campaign(version)
    for campaign, number in ((first, 1), (second, 2), (make_campaign(stranger), 4)):
        make_calls(campaign, "|1|", number)
    assert ways(version).menu.reached == 3
    assert ways(version, second).menu.reached == 2


def test_a_version_nobody_heard_has_no_shares():
    found = walked(key(1), calls={})
    assert (found.called, found.answered) == (0, 0)
    assert (found.menu.ways[0].share, found.menu.ways[0].weight) == (None, 0)


@pytest.mark.parametrize(
    ("count", "share", "weight"),
    [(0, 0.0, 0), (1, 0.1, 1), (200, 20.0, 1), (201, 20.1, 2), (634, 63.4, 4), (1000, 100.0, 5)],
)
def test_a_line_is_as_thick_as_its_share(count, share, weight):
    part = Part(count, 1000)
    assert (part.share, part.weight) == (share, weight)


def test_the_table_tells_each_step_and_each_loss_with_its_menu():
    inner = key(2, label="Позже", steps=(key(1, id="k21"),))
    found = walked(key(1), inner, calls={"|1|": 1, "|2|1|": 1, "|2|": 1, "|5|": 1})
    assert [(row.number, row.title, row.part.count) for row in found.rows] == [
        ("1", "Клавиша 1", 1),
        ("2", "Позже", 2),
        ("2.1", "Клавиша 1", 1),
        ("2", "Промолчали или положили трубку", 1),
        ("", "Ответили другое", 1),
    ]


def test_a_card_says_what_is_heard():
    scenario = make_scenario(key(1))
    record = make_record(scenario.account, name="Осень")
    scenario.draft = document(
        key(1), key(2, sound=Sound("record", record=record.pk)), key(3, sound=None, sms="Да")
    ).as_json()
    scenario.save(update_fields=["draft"])
    found = ways(make_version(scenario))
    assert found.heard == "Нажмите клавишу"
    assert [way.heard for way in found.menu.ways] == ["Спасибо", "Осень", ""]


def test_all_calls_are_counted_by_one_query(django_assert_num_queries):
    version = make_version()
    campaign = make_campaign(version)
    for answers in ("|1|", "|2|", "", "|7|"):
        make_calls(campaign, answers, 5)
    with django_assert_num_queries(1):
        assert ways(version).answered == 20
