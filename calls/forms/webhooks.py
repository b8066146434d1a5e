"""Filters of the log of webhooks. Whatever does not fit filters nothing."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.models import Call, WebhookEvent
from calls.models.event import WebhookEventQuerySet
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import Form
from obzvon_site.common.http import row_id


class WebhookFilter(Form):
    """Which webhooks to show, or to fold again."""

    marks_optional = False

    account = forms.ModelChoiceField(
        label=_("Учётная запись"),
        required=False,
        queryset=ApiAccount.objects.order_by("name"),
        empty_label=_("Любая"),
    )
    state = forms.ChoiceField(
        label=_("Состояние"),
        required=False,
        choices=[("", _("Любое")), *WebhookEvent.State.choices],
    )
    kind = forms.ChoiceField(
        label=_("Что"), required=False, choices=[("", _("Всё")), *WebhookEvent.Kind.choices]
    )
    call = forms.CharField(
        label=_("Номер звонка"),
        required=False,
        max_length=20,
        help_text=_("Наш или сервиса"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def chosen(self) -> WebhookEventQuerySet:
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        asked = given.pop("call", None)
        events = WebhookEvent.objects.filter(**given)
        return events if asked is None else events.filter(_about(asked))


def _about(asked: str) -> Q:
    """Events that name a call: by the service's number, or by the address of its order."""
    number = row_id(asked.strip())
    if number is None:
        return Q(pk__in=[])
    calls = Call.objects.filter(Q(pk=number) | Q(service_order_id=number))
    found = list(calls.values_list("service_order_id", "order__token")[:20])
    about = Q() if found else Q(body__contains=str(number))
    for service_id, token in found:
        if service_id is not None:
            about |= Q(body__contains=str(service_id))
        if token is not None:
            about |= Q(order_token=token, body__contains=str(service_id or ""))
    return about
