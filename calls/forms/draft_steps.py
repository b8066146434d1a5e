"""What the steps of the wizard have in common: raw answers in, values out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from obzvon_site.common.forms import Form

Raw = Mapping[str, Sequence[str]]
EMPTY = ("", "None", "False")
NOT_KEPT = {"csrfmiddlewaretoken", "go"}  # of a form's post: what is no answer


class StepForm(Form):
    """A step of a draft. Bound to what was typed, so that it comes back as it was typed.

    A field that the answers do not name has its default, as on a page opened for the first time;
    an empty list of values is a field left empty, or a box left unticked.
    """

    marks_optional = False
    step: ClassVar[str]
    unsaved: ClassVar[tuple[str, ...]] = ()  # fields that are no answers

    @classmethod
    def from_answers(cls, answers: Mapping[str, Any], **context: Any) -> Self:
        """The step as it was filled; ``answers`` are the draft's."""
        raw = answers.get(cls.step) or {}
        return cls(data=MultiValueDict(cls(**context).defaults() | raw), **context)

    def defaults(self) -> dict[str, list[str]]:
        """Raw values of the fields as they stand in an untouched form."""
        found: dict[str, list[str]] = {}
        for name, field in self.fields.items():
            value = field.prepare_value(self.get_initial_for_field(field, name))
            if value is True:
                found[self.add_prefix(name)] = ["on"]
            elif f"{value}" not in EMPTY and not isinstance(field.widget, forms.MultiWidget):
                found[self.add_prefix(name)] = [str(value)]
        return found

    def names(self) -> list[str]:
        """What its answers may be called."""
        found: list[str] = []
        for name, field in self.fields.items():
            endings = getattr(field.widget, "widgets_names", [""])
            found += [f"{self.add_prefix(name)}{ending}" for ending in endings]
        return [name for name in found if name not in self.unsaved]

    def kept(self, post: MultiValueDict[str, str]) -> dict[str, list[str]]:
        """A post of this step as the draft keeps it, with the boxes that were left unticked."""
        named: dict[str, list[str]] = {self.add_prefix(name): [] for name in self.fields}
        skipped = NOT_KEPT | set(self.unsaved)
        posted = {
            name: [_clean(value) for value in values]
            for name, values in post.lists()
            if name not in skipped
        }
        return {name: value for name, value in (named | posted).items() if name not in skipped}

    @classmethod
    def is_late(cls, answers: Mapping[str, Any], kept: Raw) -> bool:
        """Whether the answers hold these words of a page, or later ones: requests overtake others.

        A page names itself, and counts the changes made on it where scripts run.
        """
        known: Raw = answers.get(cls.step) or {}
        before, now = _first(known, "turn"), _first(kept, "turn")
        are_numbers = before.isdecimal() and now.isdecimal()
        is_same_page = _first(known, "page") == _first(kept, "page") != ""
        return is_same_page and are_numbers and int(now) <= int(before)

    def faults(self) -> list[tuple[str, str, str]]:
        """What is wrong: (id of the field or "", its label, a sentence)."""
        found = [("", "", str(error)) for error in self.non_field_errors()]
        for field in self:
            place = field.id_for_label or field.auto_id
            found += [(place, str(field.label), str(error)) for error in field.errors]
        return found

    def hush(self) -> None:
        """Show no errors: nobody has finished with this step yet."""
        self.full_clean()
        self._errors = ErrorDict()


def _first(raw: Raw, name: str) -> str:
    values = raw.get(name) or [""]
    return str(values[0])[:40]


def _clean(value: str) -> str:
    """A text as databases keep it: without NUL and halves of surrogate pairs."""
    return value.replace("\0", "").encode(errors="ignore").decode()
