"""A week of hours in a form: typed, refused with a sentence, shown again."""

import pytest
from django.http import QueryDict
from hypothesis import given

from calls.forms.hours import DAY_NAMES, HoursField
from calls.rules.hours import ANY_TIME, DAY, Hours
from calls.rules.purposes import SERVICE_HOURS
from obzvon_site.common.forms import Form
from tests.calls.rules.weeks import weeks


class Sample(Form):
    hours = HoursField(label="Часы")
    narrower = HoursField(label="Ещё уже", required=False)


def typed(**changes: str) -> dict[str, str]:
    """The service's week as a browser sends it, with some of its times changed."""
    data = {}
    for name in DAY_NAMES:
        weekend = name in {"sat", "sun", "holiday"}
        data[f"hours_{name}_from"] = "10:00" if weekend else "09:00"
        data[f"hours_{name}_to"] = "20:00" if weekend else "21:00"
    return data | {f"hours_{name}": value for name, value in changes.items()}


def test_times_become_hours():
    form = Sample(typed())
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"hours": SERVICE_HOURS, "narrower": None}


def test_an_empty_day_is_a_day_without_calls_and_midnight_may_end_one():
    form = Sample(
        typed(sun_from="", sun_to="", mon_from="00:00", mon_to="00:00", tue_to="23:59:59")
    )
    assert form.is_valid(), form.errors
    hours = form.cleaned_data["hours"]
    assert hours.days[6] is None
    assert hours.days[0] == (0, DAY)
    assert hours.days[1] == (540, DAY - 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"wed_to": "08:00"}, "Среда: конец должен быть позже начала."),
        ({"wed_to": "09:00"}, "Среда: конец должен быть позже начала."),
        ({"holiday_from": ""}, "Праздники: укажите и начало, и конец, или сотрите оба."),
        ({"fri_from": "утром"}, "Пятница: «утром» — не время. Нужно, например, 09:00."),
        ({"fri_from": "25:00"}, "Пятница: «25:00» — не время. Нужно, например, 09:00."),
    ],
)
def test_an_error_names_the_day_and_keeps_what_was_typed(changes, sentence):
    form = Sample(typed(**changes))
    assert form.errors["hours"] == [sentence]
    html = form["hours"].as_field_group()
    assert sentence in html
    assert all(f'value="{value}"' in html for value in changes.values() if value)
    assert 'aria-invalid="true"' in html


def test_every_wrong_day_is_told_of_at_once():
    form = Sample(typed(mon_to="08:00", sat_from=""))
    assert len(form.errors["hours"]) == 2


def test_a_week_without_a_day_is_refused():
    empty = dict.fromkeys(typed(), "")
    assert Sample(empty).errors["hours"] == ["Оставьте хотя бы один день со временем."]
    assert Sample({}).errors["hours"] == ["Оставьте хотя бы один день со временем."]
    holidays = empty | {"hours_holiday_from": "10:00", "hours_holiday_to": "12:00"}
    assert Sample(holidays).errors["hours"] == ["Оставьте хотя бы один день недели со временем."]


def test_hours_and_their_json_are_shown_as_times():
    for initial in (SERVICE_HOURS, SERVICE_HOURS.as_json()):
        html = Sample(initial={"hours": initial})["hours"].as_field_group()
        assert html.count('type="time"') == 16
        assert html.count('value="21:00"') == 5
        assert 'name="hours_mon_from" value="09:00"' in html
        assert 'aria-label="Понедельник, с"' in html
        assert 'id="id_hours_15"' in html


@given(weeks.filter(lambda hours: not hours.is_never))
def test_what_is_shown_is_read_back_the_same(hours):
    """A draft keeps what was typed as lists of strings and is bound to them again."""
    field = HoursField()
    data = QueryDict(mutable=True)
    texts = field.widget.decompress(hours)
    for widget_name, text in zip(field.widget.widgets_names, texts, strict=True):
        data.setlist(f"hours{widget_name}", [text])
    again = QueryDict(data.urlencode())
    assert field.clean(field.widget.value_from_datadict(again, {}, "hours")) == hours


def test_a_form_knows_whether_the_hours_were_changed():
    initial = {"hours": SERVICE_HOURS}
    assert not Sample(typed(), initial=initial).has_changed()
    assert Sample(typed(mon_to="20:00"), initial=initial).changed_data == ["hours"]
    assert HoursField().clean(ANY_TIME) == ANY_TIME
    assert Hours.from_json(SERVICE_HOURS.as_json()) == SERVICE_HOURS
