"""Every component in every state on one page: to build with, and for tests to look at."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from obzvon_site.common.forms import Form, LocalDateTimeField, MoneyField, PhoneField
from obzvon_site.common.http import Request
from obzvon_site.common.paging import Page
from obzvon_site.templatetags.obz import OUTCOMES, TONES

CAMPAIGN = {
    "total": 20,
    "done": 14,
    "finished": 9,
    "busy": 3,
    "canceled": 1,
    "failed": 1,
    "live": 2,
    "doubtful": 0,
}


class SampleForm(Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Название"), help_text=_("Увидите только вы."))
    phone = PhoneField(label=_("Номер"))
    price = MoneyField(label=_("Цена минуты"), required=False)
    at = LocalDateTimeField(label=_("Когда"), required=False)
    kind = forms.ChoiceField(label=_("Сообщение"), choices=[("t", _("Текст"))])
    text = forms.CharField(label=_("Текст"), widget=forms.Textarea(attrs={"rows": 3}))
    voice = forms.ChoiceField(
        label=_("Голос"),
        choices=[("0", _("Женский")), ("1", _("Мужской"))],
        widget=forms.RadioSelect,
        initial="0",
    )
    recording = forms.BooleanField(label=_("Записывать разговор"), required=False)


@require_GET
@login_required
def gallery(request: Request) -> HttpResponse:
    now = timezone.now()
    context = {
        "tones": TONES,
        "calls": [SimpleNamespace(outcome=outcome, status="") for outcome in OUTCOMES]
        + [SimpleNamespace(outcome="other", status="новый статус")],
        "campaign": SimpleNamespace(**CAMPAIGN),
        "form": SampleForm(),
        "wrong": SampleForm(
            {"name": "", "phone": "+7 (912) 345-67", "price": "много"}, auto_id="wrong_%s"
        ),
        "page": Page(rows=[], next_cursor="", is_first=False),
        "values": [
            ("phone", "79123456789"),
            ("money", Decimal("1234.5")),
            ("duration", 68),
            ("duration", 7500),
        ],
        "moments": [now, now - timedelta(days=3), now - timedelta(days=400)],
    }
    return render(request, "ui/gallery.html", context)
