"""The rules of a purpose: the law's, until an admin sets others and answers for them."""

from datetime import UTC, datetime

import pytest

from calls.models import PurposeRules
from calls.rules.hours import ANY_TIME
from calls.rules.limits import Limits
from calls.rules.purposes import DEBT_HOURS, OFFERED, PRESETS, SERVICE_HOURS
from calls.services import rules_in_force
from obzvon_site.accounts.models import AuditEvent
from tests.factories import make_user

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def change(purpose="service", **fields):
    values = {"hours": DEBT_HOURS, "limits": Limits(5, 10, None), "ground": "Договор № 5", **fields}
    values = {"actor": None, "now": NOW, **values}
    rules_in_force.change(purpose, **values)


def test_without_a_change_the_built_in_rules_hold():
    assert rules_in_force.preset("debt") is PRESETS["debt"]
    assert [preset.key for preset in rules_in_force.presets()] == list(OFFERED)
    with pytest.raises(KeyError):
        rules_in_force.preset("sample")


def test_a_change_holds_for_its_purpose_alone():
    change()
    service = rules_in_force.preset("service")
    assert (service.hours, service.limits) == (DEBT_HOURS, Limits(5, 10, None))
    assert service.changed_for == "Договор № 5"
    assert service.law == PRESETS["service"].law
    assert rules_in_force.preset("survey") is PRESETS["survey"]
    assert rules_in_force.presets()[0] == service


def test_who_answers_for_wider_rules_is_written_for_ever():
    admin = make_user(username="boss")
    change(actor=admin)
    row = PurposeRules.objects.get()
    assert (row.changed_by, row.changed_at) == (admin, NOW)
    event = AuditEvent.objects.get(verb="rules.changed")
    assert event.actor == admin
    assert event.details["ground"] == "Договор № 5"
    assert event.details["answers_for"] == str(admin)
    facts = dict(event.facts)
    assert facts["часы"].endswith("→ пн–пт 8:00–22:00, сб–вс и праздники 9:00–20:00")
    assert facts["пределы"].endswith("→ до 5 в день, до 10 в неделю")
    assert event.deed == "Изменил правила звонков"


def test_nobody_has_to_answer_for_stricter_rules():
    change("debt", hours=SERVICE_HOURS, limits=Limits(1, 1, 1), ground="")
    details = AuditEvent.objects.get().details
    assert "answers_for" not in details
    assert "ground" not in details


def test_the_second_change_is_told_from_the_first():
    change(limits=Limits(5))
    change(limits=Limits(6))
    assert PurposeRules.objects.count() == 1
    last = AuditEvent.objects.order_by("-pk")[0]
    assert last.details["changed"] == {"limits": ["до 5 в день", "до 6 в день"]}


def test_a_return_brings_the_built_in_rules_back_once():
    change()
    rules_in_force.reset("service", actor=None)
    rules_in_force.reset("service", actor=None)
    assert rules_in_force.preset("service") is PRESETS["service"]
    assert AuditEvent.objects.filter(verb="rules.reset").count() == 1


def test_setting_the_built_in_rules_is_a_return():
    change()
    built_in = PRESETS["service"]
    change(hours=built_in.hours, limits=built_in.limits)
    assert not PurposeRules.objects.exists()
    assert AuditEvent.objects.filter(verb="rules.reset").count() == 1


@pytest.mark.parametrize(
    ("hours", "limits", "is_beyond"),
    [
        (SERVICE_HOURS, Limits(3, 7, 20), False),
        (SERVICE_HOURS, Limits(1, 2, 8), False),
        (DEBT_HOURS, Limits(1, 2, 8), True),
        (ANY_TIME, Limits(1, 2, 8), True),
        (SERVICE_HOURS, Limits(4, 7, 20), True),
        (SERVICE_HOURS, Limits(None, 7, 20), True),
    ],
)
def test_more_than_allowed_is_seen(hours, limits, is_beyond):
    assert rules_in_force.is_beyond(hours, limits, PRESETS["service"]) is is_beyond
