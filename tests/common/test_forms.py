"""The look of fields, and fields that read what people type."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.models import Group
from django.template.loader import render_to_string

from obzvon_site.common.forms import DayField, Form, LocalDateTimeField, MoneyField, PhoneField


class Sample(Form):
    phone = PhoneField(label="Номер")
    price = MoneyField(label="Цена", required=False, help_text="За минуту")
    at = LocalDateTimeField(label="Когда", required=False)
    day = DayField(label="День", required=False)
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"class": "tall"}))
    agrees = forms.BooleanField(label="Согласен", required=False)
    voice = forms.ChoiceField(
        label="Голос", choices=[("0", "Женский")], widget=forms.RadioSelect, required=False
    )


class Filter(Form):
    marks_optional = False
    phone = PhoneField(label="Номер", required=False)


GOOD = {"phone": "8 (900) 000-00-01", "price": "1 234,5", "at": "2026-11-23T14:41"}


def drawn(form: Form, name: str) -> str:
    return form[name].as_field_group()


def test_what_people_type_becomes_what_services_take():
    form = Sample(GOOD)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["phone"] == "79000000001"
    assert form.cleaned_data["price"] == Decimal("1234.50")
    assert form.cleaned_data["at"] == datetime(2026, 11, 23, 11, 41, tzinfo=UTC)


def test_what_is_not_required_may_stay_empty():
    form = Sample({"phone": "79000000001"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["price"] is None
    assert Filter({}).is_valid()
    assert Filter({"phone": ""}).fields["phone"].clean("") == ""


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("phone", "900", "Цифр в номере: 3"),
        ("phone", "", "Обязательное поле"),
        ("price", "много", "например 3,10"),
        ("price", "-1", "не может быть меньше"),
        ("at", "завтра", "Введите правильную дату"),
        ("at", "9999-12-31T23:59", "от 2000 до 2100"),
        ("day", "31.02.2026", "Введите правильную дату"),
        ("day", "0001-01-01", "от 2000 до 2100"),
        ("day", "9999-12-31", "от 2000 до 2100"),
    ],
)
def test_an_error_says_what_to_write(name, typed, sentence):
    form = Sample({**GOOD, name: typed})
    assert sentence in str(form.errors[name])


@pytest.mark.parametrize("typed", ["9" * 20, "1e19", "-0", "NaN"])
def test_a_strange_amount_is_an_amount_or_an_error(typed):
    form = Sample({**GOOD, "price": typed})
    assert form.is_valid() or form.errors["price"]


def test_values_are_shown_the_way_people_write_them():
    form = Sample(initial={"phone": "79000000001", "price": Decimal("3.1")})
    assert 'value="+7 (900) 000-00-01"' in drawn(form, "phone")
    assert 'value="3,10"' in drawn(form, "price")


def test_a_wrong_phone_is_shown_as_it_was_typed():
    assert 'value="900 00"' in drawn(Sample({"phone": "900 00"}), "phone")


def test_inputs_have_our_class_and_boxes_have_not():
    form = Sample()
    assert 'class="inp"' in drawn(form, "phone")
    assert 'class="inp tall"' in drawn(form, "note")
    assert 'class="inp' not in drawn(form, "agrees") + drawn(form, "voice")


def test_a_field_says_its_name_help_and_error_to_everybody():
    group = drawn(Sample({**GOOD, "price": "много"}), "price")
    assert '<label for="id_price">' in group
    assert 'aria-invalid="true"' in group
    assert 'aria-describedby="id_price_helptext id_price_error"' in group
    assert 'id="id_price_helptext"' in group
    assert 'id="id_price_error"' in group


def test_optional_fields_are_marked_but_not_in_filters():
    assert "по желанию" in drawn(Sample(), "price")
    assert "по желанию" not in drawn(Sample(), "phone")
    assert "по желанию" not in drawn(Filter(), "phone")


def test_a_choice_of_one_is_a_group_with_a_legend():
    group = drawn(Sample(), "voice")
    assert "<legend>Голос</legend>" in group
    assert "<label><input" in group


def test_a_hidden_field_has_no_label():
    class Hiding(Form):
        account = forms.CharField(label="Учётная запись", widget=forms.HiddenInput)

    assert "Учётная запись" not in drawn(Hiding(), "account")
    assert 'type="hidden"' in drawn(Hiding(), "account")


def test_nothing_chosen_is_said_in_words(db):
    class Choosing(Form):
        group = forms.ModelChoiceField(Group.objects.all())
        other = forms.ModelChoiceField(Group.objects.all(), empty_label="Любая")

    form = Choosing()
    assert '<option value="" selected>не выбрано</option>' in drawn(form, "group")
    assert '<option value="" selected>Любая</option>' in drawn(form, "other")


def test_the_summary_leads_to_each_wrong_field():
    form = Sample({"phone": "<b>"})
    form.add_error(None, "Баланса не хватит")
    summary = render_to_string("ui/_errors.html", {"form": form})
    assert 'role="alert"' in summary
    assert "Баланса не хватит" in summary
    assert '<a href="#id_phone">Номер</a>' in summary
    assert render_to_string("ui/_errors.html", {"form": Sample(GOOD)}).strip() == ""
