"""Names and tags of lists, what to look for, pasted numbers, and one person's card."""

from datetime import date
from hashlib import blake2s
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls import people
from calls.models import Contact, ContactList
from calls.rules.zones import ZONES, zone_of
from calls.services.cards import Card
from obzvon_site.common.forms import DayField, Form

TAG_LENGTH = 30
MOST_TAGS = 8
VARIABLE_LENGTH = 500
ZONE_CHOICES = [("", _("по номеру, если он говорит")), *ZONES.items()]


class ListFilter(Form):
    """Which lists to show; what is typed may also be a phone."""

    marks_optional = False
    q = forms.CharField(label=_("Название или номер"), required=False, max_length=120)
    tag = forms.ChoiceField(label=_("Метка"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tag: Any = self.fields["tag"]
        tag.choices = [("", _("Все")), *((tag, tag) for tag in people.all_tags())]
        self.is_valid()
        self.text = self.cleaned_data.get("q", "")
        self.digits = people.digits_of(self.text)

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.cleaned_data.get("tag"))

    def apply(self, lists: QuerySet[ContactList]) -> QuerySet[ContactList]:
        """Lists that the filter leaves."""
        if self.text:
            lists = people.named(lists, self.text)
        if tag := self.cleaned_data.get("tag"):
            lists = lists.filter(tags__contains=f"|{tag}|")
        return lists


class ListForm(Form):
    """The name of a list, and its tags between commas. ``cleaned_data["tags"]`` is a list."""

    name = forms.CharField(label=_("Название"), max_length=120)
    tags = forms.CharField(
        label=_("Метки"), required=False, max_length=280, help_text=_("Через запятую.")
    )

    def clean_tags(self) -> list[str]:
        parts = self.cleaned_data["tags"].replace("|", ",").split(",")
        tags = list(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
        if len(tags) > MOST_TAGS:
            raise ValidationError(
                _("Меток больше %(most)d. Оставьте главные."), params={"most": MOST_TAGS}
            )
        if any(len(tag) > TAG_LENGTH for tag in tags):
            raise ValidationError(
                _("Метка длиннее %(most)d знаков. Сократите её."), params={"most": TAG_LENGTH}
            )
        return tags


class PasteForm(Form):
    """Numbers to add to a list, as they were copied from anywhere."""

    numbers = forms.CharField(
        label=_("Номера"),
        max_length=300_000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "+7 (912) 345-67-89"}),
        help_text=_("По одному в строке. Имя или дата рядом с номером не мешают."),
    )


def field_of(variable: str) -> str:
    """The field of a variable: the same whatever other variables an import adds meanwhile."""
    return f"v{blake2s(variable.encode(), digest_size=5).hexdigest()}"


def not_to_come(day: date) -> None:
    """Nobody has consented on a day that is still to come."""
    if day > timezone.localdate():
        raise ValidationError(_("Этот день ещё не наступил."))


class ContactForm(Form):
    """What one list says of one person. Each variable of the list has a field of its own."""

    marks_optional = False
    name = forms.CharField(label=_("Имя"), max_length=200, required=False)
    zone = forms.ChoiceField(label=_("Часовой пояс"), choices=ZONE_CHOICES, required=False)
    consent_on = DayField(label=_("Дата согласия"), required=False, validators=[not_to_come])
    consent_source = forms.CharField(label=_("Источник согласия"), max_length=120, required=False)
    consent_document = forms.CharField(label=_("Документ"), max_length=200, required=False)

    def __init__(self, contact: Contact, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("prefix", f"c{contact.pk}")
        fields = ("name", "zone", "consent_on", "consent_source", "consent_document")
        kwargs.setdefault("initial", {name: getattr(contact, name) for name in fields})
        super().__init__(*args, **kwargs)
        self.contact = contact
        names = sorted({*contact.contact_list.variables, *contact.variables})
        self.variables = {field_of(name): name for name in names}
        for key, name in self.variables.items():
            widget = forms.TextInput(attrs={"class": "inp"})
            self.fields[key] = forms.CharField(
                label=name[:1].upper() + name[1:],
                max_length=VARIABLE_LENGTH,
                required=False,
                widget=widget,
            )
            self.initial[key] = contact.variables.get(name, "")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        told = data.get("consent_source") or data.get("consent_document")
        if told and not data.get("consent_on") and "consent_on" not in self.errors:
            self.add_error("consent_on", _("Укажите дату: без неё согласие не считается."))
        return data

    def card(self) -> Card:
        """What was typed. The form must be valid."""
        data = self.cleaned_data
        known = self.contact.variables
        variables = {
            name: data[key] for key, name in self.variables.items() if data[key] or name in known
        }
        own = {name: data[name] for name in Card.__slots__ if name != "variables"}
        own["zone"] = own["zone"] or zone_of(self.contact.phone)
        return Card(**own, variables=variables)
