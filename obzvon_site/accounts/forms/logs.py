"""Filters of the two logs. Whatever does not fit filters nothing."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from obzvon_site.accounts.models import ApiAccount, AuditEvent, Exchange, User
from obzvon_site.common.forms import Form

METHODS = ("create", "get", "createRecord", "removeRecord", "userInfo", "getPhones", "getRecords")
SUBJECTS = [
    ("account.", _("Учётные записи API")),
    ("phone", _("Исходящие номера")),
    ("person.", _("Люди")),
    ("campaign.", _("Обзвоны")),
    ("scenario.", _("Сценарии")),
    ("record.", _("Аудиоролики")),
    ("blacklist.", _("Чёрный список")),
]


class ExchangeFilter(Form):
    """Which exchanges to show."""

    method = forms.ChoiceField(
        label=_("Метод"),
        required=False,
        choices=[("", _("Любой")), *((name, name) for name in METHODS)],
    )
    outcome = forms.ChoiceField(
        label=_("Исход"), required=False, choices=[("", _("Любой")), *Exchange.Outcome.choices]
    )
    account = forms.ModelChoiceField(
        label=_("Учётная запись"),
        required=False,
        queryset=ApiAccount.objects.order_by("name"),
        empty_label=_("Любая"),
    )
    subject = forms.CharField(
        label=_("О чём"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "order:12"}),
    )

    def chosen(self) -> QuerySet[Exchange]:
        return Exchange.objects.newest().filter(**_given(self))


class AuditFilter(Form):
    """Which deeds to show."""

    actor = forms.ModelChoiceField(
        label=_("Кто"),
        required=False,
        queryset=User.objects.order_by("username"),
        empty_label=_("Кто угодно"),
    )
    about = forms.ChoiceField(
        label=_("О чём"), required=False, choices=[("", _("Обо всём")), *SUBJECTS]
    )
    text = forms.CharField(label=_("Текст"), required=False, max_length=120)

    def chosen(self) -> QuerySet[AuditEvent]:
        given = _given(self)
        events = AuditEvent.objects.newest()
        if actor := given.get("actor"):
            events = events.filter(actor=actor)
        if about := given.get("about"):
            events = events.filter(verb__startswith=about)
        if text := given.get("text"):
            events = events.filter(Q(subject__icontains=text) | Q(verb__icontains=text))
        return events


def _given(form: Form) -> dict[str, Any]:
    """The filters that were filled in and make sense."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value}
