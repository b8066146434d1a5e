"""A scenario's draft on one's own phone."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.forms.calls import DUTY, callers_of, first_caller, launched_by
from calls.models import Campaign, Scenario
from calls.rules.purposes import OWN
from calls.services.blocking import blocked_among
from calls.services.launching import LaunchRequest, is_own
from calls.services.publishing import NAME_MAX
from obzvon_site.accounts.models import OutgoingPhone, User
from obzvon_site.common.forms import Form, PhoneField

SERVICE = "service"  # the purpose of a call to a number that is not one's own


class TrialForm(Form):
    """Whose phone, and from which number. ``request()`` is what the launch takes."""

    launch_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    phone = PhoneField(
        label=_("Мой телефон"),
        help_text=_("Запомним в профиле."),
        error_messages={"required": _("Введите номер телефона")},
    )
    caller = forms.ChoiceField(label=_("С какого номера"))
    # The phone whose wait the person saw before pressing the button once more.
    agreed = forms.CharField(required=False, max_length=11, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scenario: Scenario, person: User, **kwargs: Any) -> None:
        # Beside the editor's own fields, whose ids must stay the only ones.
        super().__init__(*args, auto_id="call-me-%s", **kwargs)
        self.scenario, self.person = scenario, person
        if not scenario.account.is_emulator:
            self.fields["phone"].help_text = _(
                "На номер из профиля звоним в любое время, на другой — по правилам сервисного "
                "обзвона: в часы для звонков и не чаще, чем можно."
            )
        self.fields["caller"].choices = callers_of(scenario.account)  # type: ignore[attr-defined]
        self.fields["caller"].initial = first_caller(scenario.account)

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if blocked := blocked_among([phone]).get(phone):
            raise ValidationError(blocked.explanation)
        return phone

    def purpose_for(self, phone: str) -> str:
        """Nothing limits a call to oneself; another's number may be anybody's."""
        is_free = self.scenario.account.is_emulator or is_own(phone, self.person)
        return OWN if is_free else SERVICE

    @property
    def known_phone(self) -> str:
        """The number as it stands in the form; empty: there is none, or none that can be called."""
        if not self.is_bound:
            return str(self.initial.get("phone", ""))
        return self.cleaned_data.get("phone", "") if self.is_valid() else ""

    @property
    def is_agreed(self) -> bool:
        """Whether the person has seen that this number has to wait."""
        return bool(self.cleaned_data["agreed"] == self.cleaned_data["phone"])

    def launched_before(self) -> Campaign | None:
        """What this very form has launched already."""
        return launched_by(self)

    def request(self) -> LaunchRequest:
        """What was asked for, for a valid form: the draft as it is saved now."""
        data = self.cleaned_data
        caller = data["caller"]
        name = gettext("Пробный звонок: %(name)s") % {"name": self.scenario.name}
        return LaunchRequest(
            launch_token=data["launch_token"],
            account=self.scenario.account,
            name=name[:NAME_MAX],
            phones=[data["phone"]],
            message_kind=Campaign.Message.SCENARIO,
            draft=self.scenario.document(),
            purpose=self.purpose_for(data["phone"]),
            outgoing_phone=None if caller == DUTY else OutgoingPhone.objects.get(pk=caller),
        )
