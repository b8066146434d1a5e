"""A scenario's draft as a page posts it: one flat form for the whole tree.

Each field of a step is named ``field-<id>``; ``step`` lists «id parent» in the order of the tree.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.ivr import edit
from calls.ivr.document import DEPTH_MAX, OWN_WEBHOOK, ROOT, Document
from calls.services import templates
from calls.services.publishing import NAME_MAX
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import Form


class NewScenarioForm(Form):
    """A name, an account, and what to start from."""

    name = forms.CharField(label=gettext_lazy("Название"), max_length=NAME_MAX, required=False)
    account = forms.ModelChoiceField(
        label=gettext_lazy("Учётная запись"),
        queryset=ApiAccount.objects.active(),
        initial=ApiAccount.objects.default,
        empty_label=None,
    )
    example = forms.ChoiceField(
        label=gettext_lazy("С чего начать"),
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = templates.offered()
        self.fields["example"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("С чистого листа")),
            *((offer.key, offer.name) for offer in self.offers),
        ]

    def clean_example(self) -> str:
        """Finds the document too, so that a template removed meanwhile is refused in words."""
        key: str = self.cleaned_data["example"]
        self.start = _("Новый сценарий"), Document()
        if key:
            try:
                self.start = templates.chosen(key)
            except LookupError as error:
                gone = _("Этого шаблона больше нет. Выберите другой.")
                raise ValidationError(gone) from error
        return key

    def document(self) -> Document:
        """What the scenario starts as."""
        return self.start[1]

    def title(self) -> str:
        """The typed name, else the example's, else a plain one."""
        return self.cleaned_data["name"] or self.start[0]


@dataclass(frozen=True)
class Posted:
    """What came from the page: the draft as it stands there, and the revision it began from."""

    name: str
    revision: int
    document: Document

    @classmethod
    def read(cls, data: QueryDict) -> Self:
        """Raises ``document.NotADocument`` for more than any scenario may hold."""
        name = data.get("name", "").replace("\x00", "").strip()[:NAME_MAX]
        return cls(
            name=name or _("Без названия"),
            revision=revision_of(data),
            document=Document.from_json(_tree(data)),
        )

    def after(self, action: str) -> tuple[Self, str]:
        """The draft after a button such as ``add:s1``, and the step to look at next."""
        verb, _colon, step_id = action.partition(":")
        document, focus = self.document, step_id
        if verb == "add":
            document, focus = edit.add(document, step_id)
        elif verb == "remove":
            document, focus = edit.remove(document, step_id)
        elif verb in ("up", "down"):
            document = edit.move(document, step_id, -1 if verb == "up" else 1)
        return replace(self, document=document), focus


def revision_of(data: QueryDict) -> int:
    """The draft's revision a page was opened with; 0, which no draft has, for anything else."""
    text = data.get("revision", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _tree(data: QueryDict) -> dict[str, Any]:
    children: dict[str, list[str]] = defaultdict(list)
    for line in data.getlist("step"):
        step_id, _space, parent = line.partition(" ")
        children[parent].append(step_id)
    return {
        "v": 1,
        "opening": _sound(data, ROOT) or {},
        "recognize": f"recognize-{ROOT}" in data,
        "steps": _steps(data, ROOT, children, 1),
    }


def _steps(
    data: QueryDict, parent: str, children: dict[str, list[str]], depth: int
) -> list[dict[str, Any]]:
    # Taking a menu out of ``children`` ends circles; one level too many is left for the document
    # to refuse with its own sentence.
    ids = children.pop(parent, []) if depth <= DEPTH_MAX + 1 else []
    return [_step(data, step_id) | {"steps": _steps(data, step_id, children, depth + 1)}
            for step_id in ids]  # fmt: skip


def _step(data: QueryDict, step_id: str) -> dict[str, Any]:
    def of(name: str) -> str:
        return data.get(f"{name}-{step_id}", "")

    return {
        "id": step_id,
        "label": of("label").strip(),
        "trigger": _trigger(of("trigger"), of("digit"), of("words")),
        "recognize": bool(of("recognize")),
        "block": bool(of("block")),
        "sound": _sound(data, step_id),
        "manager_phone": of("manager_phone").strip(),
        "sms": _lines(of("sms")),
        "webhook": _webhook(data, step_id),
    }


def _trigger(kind: str, digit: str, words: str) -> dict[str, Any]:
    if kind == "digit":
        return {"kind": "digit", "digit": int(digit) if re.fullmatch(r"[0-9]", digit) else None}
    if kind == "words":
        return {"kind": "words", "words": [word for word in re.split(r"[\s,;]+", words) if word]}
    return {"kind": "silence"}


def _sound(data: QueryDict, step_id: str) -> dict[str, Any] | None:
    kind = data.get(f"sound-{step_id}", "")
    if kind == "record":
        return {"kind": "record", "record": data.get(f"record-{step_id}")}
    if kind == "text":
        text, gender = data.get(f"text-{step_id}", ""), data.get(f"gender-{step_id}")
        return {"kind": "text", "text": _lines(text), "gender": gender}
    return None


def _webhook(data: QueryDict, step_id: str) -> dict[str, Any] | None:
    kind = data.get(f"webhook-{step_id}", "")
    if kind not in ("own", "url"):
        return None
    names = data.getlist(f"parameter_name-{step_id}")
    values = data.getlist(f"parameter_value-{step_id}")
    pairs = [
        [name.strip(), value.strip()]
        for name, value in zip(names, values, strict=False)
        if name.strip() or value.strip()
    ]
    url = OWN_WEBHOOK if kind == "own" else data.get(f"webhook_url-{step_id}", "").strip()
    return {"url": url, "parameters": pairs}


def _lines(text: str) -> str:
    """As the page counts it: a line break is one character, spaces around are none."""
    return text.replace("\r\n", "\n").strip()
