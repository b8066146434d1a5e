"""Step 1 of the wizard: whom to call."""

from functools import cached_property
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from calls.forms.draft_steps import StepForm
from calls.models import ContactList, ListImport
from calls.services import numbers
from obzvon_site.common.http import row_id

PASTE = "paste"  # instead of the number of a list
SHOWN_LISTS = 8
MAX_PASTED = 300_000  # characters


def name_of_today() -> str:
    """What a campaign is called until somebody calls it otherwise."""
    day = date_format(timezone.localdate(), pgettext("day of a campaign", "j E"))
    return gettext("Обзвон %(day)s") % {"day": day}


class ListForm(StepForm):
    """A list that is there, or numbers pasted here, of which the page makes one."""

    step = "list"
    unsaved = ("q",)
    name = forms.CharField(
        label=_("Название обзвона"),
        max_length=120,
        initial=name_of_today,
        help_text=_("Под ним его найдут в списке обзвонов и в отчётах."),
        error_messages={"required": _("Назовите обзвон, чтобы потом его найти")},
    )
    contact_list = forms.CharField(
        label=_("Кому звонить"),
        error_messages={"required": _("Выберите список или вставьте номера")},
    )
    numbers = forms.CharField(
        label=_("Номера"),
        required=False,
        strip=False,
        max_length=MAX_PASTED,
        widget=forms.Textarea(
            attrs={"rows": 6, "placeholder": "+7 (912) 345-67-89", "inputmode": "tel"}
        ),
        help_text=_("По одному в строке, через запятую или прямо из таблицы. Станут списком."),
    )
    q = forms.CharField(label=_("Найти список"), required=False, max_length=120)

    def clean_contact_list(self) -> str:
        chosen: str = self.cleaned_data["contact_list"]
        if chosen != PASTE and self.chosen is None:
            raise ValidationError(_("Этого списка больше нет. Выберите другой."))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("contact_list") == PASTE and "numbers" not in self.errors:
            self._check_numbers(cleaned.get("numbers", ""))
        elif (found := self.chosen) is not None and (problem := problem_of(found)):
            self.add_error("contact_list", problem)
        return cleaned

    def _check_numbers(self, text: str) -> None:
        if not text.strip():
            self.add_error("numbers", _("Вставьте хотя бы один номер"))
        elif not numbers.read(text).phones:
            self.add_error("numbers", _("Здесь нет ни одного номера. Нужно 11 цифр: +7 и ещё 10."))

    @property
    def is_paste(self) -> bool:
        """Whether numbers were pasted that are no list yet."""
        return bool(self["contact_list"].value() == PASTE)

    @cached_property
    def chosen(self) -> ContactList | None:
        """The chosen list, if it is still there; also while something else is wrong."""
        number = row_id(str(self["contact_list"].value() or ""))
        return ContactList.objects.shown().filter(pk=number).first() if number else None

    def choosing(self, chosen: int | None, *, among: str = "") -> Self:
        """The same step with another list chosen, while others are searched for."""
        data = MultiValueDict(self.data)
        data["q"] = among
        data["contact_list"] = str(chosen or "")
        form = type(self)(data)
        form.hush()
        return form

    def offered(self) -> list[ContactList]:
        """The lists to choose from: the chosen one first, then the newest that are searched for."""
        asked = str(self["q"].value() or "").casefold().strip()
        chosen = self.chosen
        rows = ContactList.objects.shown().order_by("-created_at", "-pk")
        if chosen is not None:
            rows = rows.exclude(pk=chosen.pk)
        # Compared here: not every database knows capitals of other alphabets.
        found = [row for row in rows[:1000] if asked in f"{row.name} {row.tags}".casefold()]
        return [*([chosen] if chosen else []), *found[:SHOWN_LISTS]]

    def are_many(self) -> bool:
        """Whether a search is worth its place."""
        return ContactList.objects.shown().count() > SHOWN_LISTS


def problem_of(contact_list: ContactList) -> str:
    """Why nobody can be called from the list now; empty when they can."""
    if contact_list.total:
        return ""
    if contact_list.imports.filter(state=ListImport.State.RUNNING).exists():
        return str(_("Список ещё загружается. Подождите, пока появятся первые контакты."))
    return str(_("В этом списке нет ни одного контакта. Выберите другой или добавьте номера."))
