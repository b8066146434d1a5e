"""What a scenario may start from: the built-in examples, and what people have saved."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from calls.ivr.document import Document
from calls.ivr.examples import EXAMPLES
from calls.models import ScenarioTemplate
from obzvon_site.accounts.models import AuditEvent, User

ABOUT_MAX = 200
_SAVED = re.compile(r"saved-([1-9][0-9]{0,17})", re.ASCII)


class NameTaken(Exception):
    """Another template is called so."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One template in a list to choose from."""

    key: str  # «order» of an example, «saved-12» of a row
    name: str
    about: str
    step_count: int
    is_saved: bool = False
    pk: int | None = None  # of a saved one


def offered() -> list[Offer]:
    """The examples first, then the saved ones by name."""
    examples = [
        Offer(key, str(example.name), str(example.about), _steps(example.document()))
        for key, example in EXAMPLES.items()
    ]
    saved = [
        Offer(key_of(row), row.name, row.about, _steps(row.tree()), is_saved=True, pk=row.pk)
        for row in ScenarioTemplate.objects.order_by("name")
    ]
    return examples + saved


def chosen(key: str) -> tuple[str, Document]:
    """The name and the document of an offer. Raises LookupError when it is offered no more."""
    if match := _SAVED.fullmatch(key):
        row = ScenarioTemplate.objects.filter(pk=int(match[1])).first()
        if row is None:
            raise LookupError(key)
        return row.name, row.tree()
    return str(EXAMPLES[key].name), EXAMPLES[key].document()


def document_of(key: str) -> Document:
    """The document of an offer. Raises LookupError when it is offered no more."""
    return chosen(key)[1]


def key_of(template: ScenarioTemplate) -> str:
    """What an offer of the template is chosen by."""
    return f"saved-{template.pk}"


def save(
    name: str, about: str, document: Document, *, actor: User | None, now: datetime
) -> ScenarioTemplate:
    """Keep a document for everybody to start from. Raises NameTaken, also for the loser of two."""
    try:
        with transaction.atomic():
            template = ScenarioTemplate.objects.create(
                name=name,
                about=about,
                document=document.as_json(),
                created_by=actor,
                created_at=now,
            )
            AuditEvent.note(actor, "template.saved", template)
    except IntegrityError as error:
        raise NameTaken(name) from error
    return template


def remove(template: ScenarioTemplate, *, actor: User | None) -> None:
    """Offer it no more; scenarios that were begun from it stay as they are."""
    with transaction.atomic():
        gone, _rows = ScenarioTemplate.objects.filter(pk=template.pk).delete()
        if gone:
            AuditEvent.note(actor, "template.removed", template)


def _steps(document: Document) -> int:
    return sum(1 for _step in document.walk())
