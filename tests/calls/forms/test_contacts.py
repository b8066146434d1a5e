from datetime import date

import pytest

from calls.forms import contacts as forms_module
from calls.forms.contacts import ContactForm, ListFilter, ListForm
from calls.models import Contact, ContactList
from tests.calls.lists import make_list

DAY = date(2026, 3, 12)
SUM, TERM = map(forms_module.field_of, ["сумма", "срок"])


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("", []),
        ("ноябрь", ["ноябрь"]),
        (" ноябрь ,, срочные  долги,ноябрь", ["ноябрь", "срочные долги"]),
        ("a|b", ["a", "b"]),
    ],
)
def test_tags_are_cut_by_commas(typed, tags):
    form = ListForm({"name": "Имя", "tags": typed})
    assert form.is_valid()
    assert form.cleaned_data["tags"] == tags


@pytest.mark.parametrize("typed", ["я" * 31, ",".join(map(str, range(9)))])
def test_too_many_and_too_long_tags_are_refused(typed):
    form = ListForm({"name": "Имя", "tags": typed})
    assert not form.is_valid()
    assert "tags" in form.errors


def test_the_most_tags_fit_into_their_column():
    tags = [str(n) * forms_module.TAG_LENGTH for n in range(forms_module.MOST_TAGS)]
    form = ListForm({"name": "Имя", "tags": ",".join(tags)})
    assert form.is_valid()
    joined = ContactList.joined(form.cleaned_data["tags"])
    assert len(joined) <= ContactList._meta.get_field("tags").max_length


def test_a_tag_nobody_has_narrows_nothing(db):
    make_list(0)
    form = ListFilter({"tag": "никакая"})
    assert form.apply(ContactList.objects.all()).count() == 1
    assert not form.is_narrow


@pytest.fixture
def contact(db) -> Contact:
    make_list([{"phone": "79000000001", "name": "Анна", "consent_on": DAY, "Сумма": "100"}])
    owner = ContactList.objects.get()
    owner.variables["срок"] = {"filled": 0, "longest": 0}
    owner.save()
    return Contact.objects.select_related("contact_list").get()


def form_of(contact: Contact, **data) -> ContactForm:
    return ContactForm(contact, {f"c{contact.pk}-{name}": text for name, text in data.items()})


def test_a_card_has_a_field_for_each_variable_of_the_list(contact):
    form = ContactForm(contact)
    assert [form.fields[name].label for name in form.variables] == ["Срок", "Сумма"]
    assert form[SUM].value() == "100"


def test_a_variable_that_comes_meanwhile_takes_no_other_ones_place(contact):
    drawn = ContactForm(contact).variables
    contact.contact_list.variables["адрес"] = {"filled": 0, "longest": 0}
    assert drawn.items() < ContactForm(contact).variables.items()


def test_a_typed_card_is_what_the_service_takes(contact):
    form = form_of(
        contact, name="Анна П.", zone="Asia/Omsk", consent_on="2026-03-12", **{SUM: "250"}
    )
    assert form.is_valid()
    card = form.card()
    assert (card.name, card.zone, card.consent_on) == ("Анна П.", "Asia/Omsk", DAY)
    assert card.variables == {"сумма": "250"}


def test_an_empty_value_of_a_known_variable_is_kept_as_empty(contact):
    form = form_of(contact, **{SUM: "", TERM: ""})
    assert form.is_valid()
    assert form.card().variables == {"сумма": ""}


def test_without_a_zone_the_number_tells(contact, monkeypatch):
    monkeypatch.setattr(forms_module, "zone_of", lambda phone: f"zone of {phone}")
    form = form_of(contact, zone="")
    assert form.is_valid()
    assert form.card().zone == "zone of 79000000001"


@pytest.mark.parametrize("name", ["consent_source", "consent_document"])
def test_a_consent_needs_its_day(contact, name):
    form = form_of(contact, **{name: "сайт"})
    assert not form.is_valid()
    assert list(form.errors) == ["consent_on"]


def test_nobody_has_consented_on_a_day_to_come(contact):
    form = form_of(contact, consent_on="2099-12-31")
    assert not form.is_valid()
    assert list(form.errors) == ["consent_on"]


def test_a_zone_nobody_knows_is_refused(contact):
    assert not form_of(contact, zone="Mars/Base").is_valid()
