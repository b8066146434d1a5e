"""Drafts to versions: a draft changes with every edit, a version never."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from calls.ivr.check import Problem, RecordFacts, problems
from calls.ivr.document import Document, record_pks
from calls.models import Scenario, ScenarioVersion
from obzvon_site.accounts.models import ApiAccount, User
from records.models import Record


class NotReady(Exception):
    """The draft has errors; ``problems`` says where and which."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(f"{len(found)} errors")
        self.problems = found


class Conflict(Exception):
    """Somebody else has saved the draft meanwhile; ``scenario`` is as it is now."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(f"scenario {scenario.pk} is at revision {scenario.draft_revision}")
        self.scenario = scenario


def create(
    name: str, document: Document, *, account: ApiAccount, actor: User, now: datetime
) -> Scenario:
    """A new scenario with a draft and no version."""
    return Scenario.objects.create(
        account=account,
        name=name,
        draft=document.as_json(),
        draft_by=actor,
        draft_at=now,
        created_by=actor,
    )


def save_draft(
    scenario: Scenario, name: str, document: Document, *, revision: int, actor: User, now: datetime
) -> Scenario:
    """Save the draft that was opened at ``revision``. A draft with errors is saved too.

    Raises Conflict, and saves nothing, when somebody was faster.
    """
    saved = Scenario.objects.filter(pk=scenario.pk, draft_revision=revision).update(
        name=name,
        draft=document.as_json(),
        draft_revision=revision + 1,
        draft_by=actor,
        draft_at=now,
    )
    scenario.refresh_from_db()
    if not saved:
        raise Conflict(scenario)
    return scenario


def publish(scenario: Scenario, *, actor: User, now: datetime) -> ScenarioVersion:
    """Freeze the draft as the next version. An unchanged draft is the version it already is.

    Raises NotReady.
    """
    with transaction.atomic():
        scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
        document = Document.from_json(scenario.draft)
        if errors := [problem for problem in check(scenario, document) if problem.is_error]:
            raise NotReady(errors)
        latest = scenario.latest_version()
        if latest is not None and latest.sha256 == document.sha256():
            return latest
        return ScenarioVersion.objects.create(
            scenario=scenario,
            number=latest.number + 1 if latest else 1,
            document=document.as_json(),
            sha256=document.sha256(),
            author=actor,
            created_at=now,
        )


def check(scenario: Scenario, document: Document) -> list[Problem]:
    """Errors and warnings of ``document``, with what is known of its records."""
    return problems(document, records=record_facts(scenario.account, document))


def record_facts(account: ApiAccount, document: Document) -> Mapping[int, RecordFacts]:
    """The records a document plays: whether they can be, and whether they wait for moderation."""
    usable = Record.objects.usable(account).filter(pk__in=record_pks(document))
    return {
        record.pk: RecordFacts(record.name, True, is_waiting=record.moderation == "waiting")
        for record in usable
    }


def return_as_draft(version: ScenarioVersion, *, actor: User, now: datetime) -> Scenario:
    """Make an old version the draft again."""
    scenario = version.scenario
    document = Document.from_json(version.document)
    return save_draft(
        scenario,
        scenario.name,
        document,
        revision=scenario.draft_revision,
        actor=actor,
        now=now,
    )


def copy(scenario: Scenario, *, actor: User, now: datetime) -> Scenario:
    """A new scenario with the same draft."""
    name = (_("%(name)s — копия") % {"name": scenario.name})[:120]
    document = Document.from_json(scenario.draft)
    return create(name, document, account=scenario.account, actor=actor, now=now)


def archive(scenario: Scenario, *, now: datetime) -> None:
    """Put it away: it is offered no more; campaigns keep their versions."""
    Scenario.objects.filter(pk=scenario.pk, archived_at=None).update(archived_at=now)
