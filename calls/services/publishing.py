"""Drafts to versions: a draft changes with every edit, a version never."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from calls.ivr.check import Problem, RecordFacts, problems
from calls.ivr.document import Document, record_pks
from calls.models import Campaign, Scenario, ScenarioVersion
from obzvon_site.accounts.models import ApiAccount, AuditEvent, User
from records.models import Record

NAME_MAX = 120


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


class InUse(Exception):
    """Running campaigns play it; ``campaigns`` are some of them."""

    def __init__(self, campaigns: list[Campaign]) -> None:
        super().__init__(f"{len(campaigns)} running campaigns")
        self.campaigns = campaigns


def create(
    name: str, document: Document, *, account: ApiAccount, actor: User | None, now: datetime
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
    scenario: Scenario,
    name: str,
    document: Document,
    *,
    revision: int,
    actor: User | None,
    now: datetime,
    key: str = "",
    lost: Sequence[str] = (),
) -> Scenario:
    """Save the draft that was opened at ``revision``. A draft with errors is saved too.

    ``key`` names the request. ``lost`` are keys of the same page's requests that it heard nothing
    of: where one of them made the draft what it is, this one goes on from there. Nothing new is
    no new revision. Raises Conflict, and saves nothing, when somebody was faster
    or has put the scenario away.
    """
    draft = document.as_json()
    is_mine = Q(draft_revision=revision) | Q(draft_key__in=list(filter(None, lost)))
    mine = Scenario.objects.shown().filter(is_mine, pk=scenario.pk)
    current = mine.first()
    if current is not None and current.name == name and current.draft == draft:
        return current
    saved = mine.update(
        name=name,
        draft=draft,
        draft_revision=F("draft_revision") + 1,
        draft_key=key,
        draft_by=actor,
        draft_at=now,
    )
    scenario = Scenario.objects.select_related("account", "draft_by").get(pk=scenario.pk)
    if not saved:
        raise Conflict(scenario)
    return scenario


def publish(scenario: Scenario, *, actor: User | None, now: datetime) -> ScenarioVersion:
    """Freeze the draft as the next version. An unchanged draft is the version it already is.

    What ``scenario`` was read with is what gets published. Raises NotReady, or Conflict when
    somebody has saved another draft meanwhile.
    """
    with transaction.atomic():
        current = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
        if current.draft_revision != scenario.draft_revision or current.archived_at:
            raise Conflict(current)
        document = Document.from_json(current.draft)
        if errors := [problem for problem in check(current, document) if problem.is_error]:
            raise NotReady(errors)
        latest = current.latest_version()
        if latest is not None and latest.sha256 == document.sha256():
            return latest
        version = ScenarioVersion.objects.create(
            scenario=current,
            number=latest.number + 1 if latest else 1,
            document=document.as_json(),
            sha256=document.sha256(),
            author=actor,
            created_at=now,
        )
        AuditEvent.note(actor, "scenario.published", version)
    return version


def check(scenario: Scenario, document: Document) -> list[Problem]:
    """Errors and warnings of ``document``, with what is known of its records."""
    return problems(document, records=facts_of_records(scenario.account, record_pks(document)))


def facts_of_records(account: ApiAccount, pks: Iterable[int]) -> dict[int, RecordFacts]:
    """Those of the account's records: whether they can be played, and what they wait for."""
    records = Record.objects.kept().filter(account=account, pk__in=list(pks))
    usable = set(Record.objects.usable(account).filter(pk__in=records).values_list("pk", flat=True))
    on_the_way = {Record.Stage.WAITING, Record.Stage.SENDING, Record.Stage.UNKNOWN}
    return {
        record.pk: RecordFacts(
            record.name,
            record.pk in usable,
            is_waiting=record.moderation == Record.Moderation.WAITING,
            is_sending=record.stage in on_the_way,
        )
        for record in records
    }


def return_as_draft(
    version: ScenarioVersion, *, revision: int, actor: User | None, now: datetime
) -> Scenario:
    """Make an old version the draft again. Raises Conflict as ``save_draft`` does."""
    scenario = version.scenario
    document = Document.from_json(version.document)
    return save_draft(scenario, scenario.name, document, revision=revision, actor=actor, now=now)


def copy(
    scenario: Scenario, document: Document, *, name: str, actor: User | None, now: datetime
) -> Scenario:
    """A new scenario of the same account, named as a copy of ``name``."""
    suffix = _(" — копия")
    name = name[: NAME_MAX - len(suffix)] + suffix
    return create(name, document, account=scenario.account, actor=actor, now=now)


def remove(scenario: Scenario, *, actor: User | None, now: datetime) -> None:
    """Put a published scenario away; delete one that was never published.

    Campaigns keep their versions. Raises InUse while a running one plays the scenario.
    """
    with transaction.atomic():
        Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
        running = Campaign.objects.running().filter(scenario_version__scenario=scenario)
        if campaigns := list(running[:5]):
            raise InUse(campaigns)
        if scenario.versions.exists():
            Scenario.objects.shown().filter(pk=scenario.pk).update(archived_at=now)
            AuditEvent.note(actor, "scenario.archived", scenario)
        else:
            Scenario.objects.filter(pk=scenario.pk).delete()
            AuditEvent.note(actor, "scenario.deleted", scenario)


def restore(scenario: Scenario, *, actor: User | None) -> None:
    """Take a scenario out of the archive."""
    if Scenario.objects.filter(pk=scenario.pk).exclude(archived_at=None).update(archived_at=None):
        AuditEvent.note(actor, "scenario.restored", scenario)
