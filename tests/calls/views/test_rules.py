"""The page of calling rules: read by everybody, changed by an admin who answers for it."""

import pytest

from calls.models import PurposeRules
from calls.rules.limits import Limits
from calls.rules.purposes import SERVICE_HOURS
from calls.services import rules_in_force
from obzvon_site.accounts.models import AuditEvent
from tests.calls.forms.test_hours import typed

LIST = "/settings/rules/"
SERVICE = "/settings/rules/service/"
RESET = "/settings/rules/service/reset/"


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def filled(**changes) -> dict[str, str]:
    """The built-in rules of the service's calls as the form sends them, some of them changed."""
    limits = {"day": "3", "week": "7", "month": "20", "ground": ""}
    times = {name: value for name, value in changes.items() if "_" in name}
    rest = {name: value for name, value in changes.items() if name not in times}
    return typed(**times) | limits | rest


def test_everybody_reads_what_holds_and_why(manager):
    said = text_of(manager.get(LIST))
    assert "пн–пт 8:00–22:00, сб–вс и праздники 9:00–20:00" in said
    assert "до 1 в день, до 2 в неделю, до 8 в месяц" in said
    assert "230-ФЗ, статья 7, части 3 и 5" in said
    assert "126-ФЗ «О связи»" in said
    assert "Реклама автоматическим дозвоном без участия человека запрещена" in said
    assert SERVICE not in said  # a manager has no button for what is not theirs
    assert "Правила звонков" in text_of(manager.get("/"))


def test_an_admin_finds_the_rules_filled_in(admin):
    assert SERVICE in text_of(admin.get(LIST))
    said = text_of(admin.get(SERVICE))
    assert 'name="hours_mon_from" value="09:00"' in said
    assert 'name="week" value="7"' in said
    assert "Вернуть исходные" not in said


def test_stricter_rules_need_no_ground(admin):
    answer = admin.post(SERVICE, filled(mon_to="20:00", day="1"), follow=True)
    assert "Правила сохранены" in text_of(answer)
    preset = rules_in_force.preset("service")
    assert preset.hours.days[0] == (540, 1200)
    assert preset.limits == Limits(1, 7, 20)
    assert "answers_for" not in AuditEvent.objects.get(verb="rules.changed").details


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mon_to": "22:00"}, "Часы шире исходных: понедельник."),
        ({"holiday_from": "08:00", "sun_from": "09:00"}, "исходных: воскресенье, праздники."),
        ({"day": "4"}, "В день: больше исходных 3."),
        ({"month": ""}, "В месяц: больше исходных 20."),
    ],
)
def test_wider_rules_need_a_ground_and_somebody_who_answers(admin, changes, sentence):
    answer = admin.post(SERVICE, filled(**changes))
    said = text_of(answer)
    assert answer.status_code == 422
    assert sentence in said
    assert "Назовите основание" in said
    assert "Без этой отметки" in said
    assert not PurposeRules.objects.exists()

    for half in ({"ground": "Договор № 5"}, {"answers": "on"}, {"ground": "да", "answers": "on"}):
        assert admin.post(SERVICE, filled(**changes, **half)).status_code == 422
    assert not PurposeRules.objects.exists()

    whole = {"ground": "Договор № 5 от 1 мая", "answers": "on"}
    assert admin.post(SERVICE, filled(**changes, **whole)).status_code == 302
    event = AuditEvent.objects.get(verb="rules.changed")
    assert event.details["answers_for"] == "admin"
    assert event.details["ground"] == "Договор № 5 от 1 мая"
    said = text_of(admin.get(LIST))
    assert "Изменено: admin" in said
    assert "Договор № 5 от 1 мая" in said
    assert "Исходные: пн–пт 9:00–21:00" in said


def test_mistakes_keep_what_was_typed(admin):
    answer = admin.post(SERVICE, filled(mon_to="08:00", day="0", week="сто"))
    said = text_of(answer)
    assert answer.status_code == 422
    assert "Понедельник: конец должен быть позже начала." in said
    assert 'value="08:00"' in said
    assert 'value="сто"' in said
    assert "больше исходных" not in said


def test_an_admin_returns_to_the_built_in_rules(admin):
    admin.post(SERVICE, filled(day="4", ground="Договор № 5", answers="on"))
    assert "Вернуть исходные" in text_of(admin.get(SERVICE))
    assert admin.get(RESET).status_code == 405
    answer = admin.post(RESET, follow=True)
    assert "Исходные правила возвращены" in text_of(answer)
    assert rules_in_force.preset("service").hours == SERVICE_HOURS
    assert AuditEvent.objects.filter(verb="rules.reset").count() == 1


@pytest.mark.parametrize("purpose", ["advertising", "own", "sample"])
def test_purposes_without_rules_of_their_own_are_not_changed(admin, purpose):
    assert admin.get(f"/settings/rules/{purpose}/").status_code == 404
    assert admin.post(f"/settings/rules/{purpose}/reset/").status_code == 404


def test_an_operator_changes_nothing(operator):
    assert operator.get(LIST).status_code == 200
    assert operator.get(SERVICE).status_code == 403
    assert operator.post(RESET).status_code == 403


def test_the_page_asks_the_database_as_often_for_one_change_as_for_many(
    admin, django_assert_max_num_queries
):
    for purpose in ("service", "debt", "survey"):
        admin.post(f"/settings/rules/{purpose}/", filled(day="1", week="1", month="1"))
    with django_assert_max_num_queries(12):
        admin.get(LIST)
