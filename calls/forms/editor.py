"""What the visual editor gets from the server, and what it sends back."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from calls.forms.editor_words import words_as_json
from calls.ivr.check import Problem, RecordFacts, limits_as_json, rules_as_json
from calls.ivr.document import BYTES_MAX, Document, NotADocument, record_pks, too_big
from calls.ivr.exports import MASKED_WEBHOOK
from calls.models import Scenario, ScenarioVersion
from calls.services.publishing import NAME_MAX, facts_of_records
from obzvon_site.accounts.models import ApiAccount, User
from obzvon_site.common import phones
from obzvon_site.common.money import kopecks
from records.models import Record

KEY = re.compile(r"[0-9a-f-]{36}")
ADDRESSES = {  # the module's name for it → the address's
    "draft": "calls:scenario-draft",
    "publish": "calls:scenario-publish",
    "copy": "calls:scenario-copy",
    "records": "calls:scenario-records",
    "import": "calls:scenario-import",
    "export": "calls:scenario-export",
    "callMe": "calls:scenario-call-me",
}
COMMON_ADDRESSES = {
    "templates": "calls:scenario-templates",
    "saveTemplate": "calls:scenario-template-save",
    "probe": "calls:scenario-probe",
}


@dataclass(frozen=True)
class EditorPage:
    """A draft as the page opens it."""

    scenario: Scenario
    user: User

    @property
    def account(self) -> ApiAccount:
        return self.scenario.account

    def as_json(self) -> dict[str, Any]:
        """Everything the modules need, in the language of the request."""
        document = self.scenario.document()
        return {
            "id": self.scenario.pk,
            "user": self.user.pk,
            "language": get_language(),
            "name": self.scenario.name,
            "nameMax": NAME_MAX,
            "document": document.as_json(),
            "revision": self.scenario.draft_revision,
            "draftKey": self.scenario.draft_key,
            "savedAt": clock(self.scenario.draft_at),
            "timeZone": timezone.get_current_timezone_name(),
            "version": version_as_json(self.scenario.latest_version(), document),
            "limits": limits_as_json(),
            "rules": rules_as_json(),
            "prices": self._prices(),
            "records": records_as_json(self.account, record_pks(document)),
            "ownWebhook": self._own_webhook(),
            "caller": phones.shown(self._caller()),
            "mayCall": self.user.has_perm("calls.add_campaign"),
            "maySaveTemplate": self.user.has_perm("calls.add_scenariotemplate"),
            "urls": self._urls(),
            "words": words_as_json(),
        }

    def _prices(self) -> dict[str, int]:
        account = self.account
        return {
            "minute": kopecks(account.minute_price),
            "sms": kopecks(account.sms_price),
            "synthesis": kopecks(account.synthesis_price),
        }

    def _own_webhook(self) -> str:
        """The secret part of our own address is for those who see the account."""
        if self.user.has_perm("accounts.view_apiaccount"):
            return self.account.step_webhook_url()
        return MASKED_WEBHOOK

    def _caller(self) -> str:
        phone = None if self.account.use_duty_phone else self.account.default_phone
        return phone.phone if phone else ""

    def _urls(self) -> dict[str, str]:
        own = {key: reverse(name, args=[self.scenario.pk]) for key, name in ADDRESSES.items()}
        common = {key: reverse(name) for key, name in COMMON_ADDRESSES.items()}
        back = urlencode({"next": self.scenario.get_absolute_url()})
        return own | common | {"login": f"{reverse('accounts:login')}?{back}"}


@dataclass(frozen=True)
class SentDraft:
    """What the editor sends to be saved."""

    name: str
    revision: int
    document: Document
    key: str = ""  # of this request
    lost: tuple[str, ...] = ()  # keys of requests of this page that were not answered

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Raises NotADocument with a sentence."""
        if len(body) > BYTES_MAX * 2:
            raise NotADocument(too_big())
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise NotADocument(_("Это не JSON сценария: его не удалось прочитать.")) from error
        if not isinstance(data, dict):
            raise NotADocument(_("Это не сценарий: вместо объекта что-то другое."))
        revision = data.get("revision")
        return cls(
            name=_name(data.get("name")),
            revision=revision if isinstance(revision, int) else 0,
            document=Document.from_json(data.get("document")),
            key=_key(data.get("key")),
            lost=_keys(data.get("lost")),
        )


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(map(_key, value[:20])) if isinstance(value, list) else ()


def _key(value: Any) -> str:
    return value if isinstance(value, str) and KEY.fullmatch(value) else ""


def _name(value: Any) -> str:
    # Half of a surrogate pair and NUL are kept by no database.
    text = str(value or "").replace("\x00", "").encode(errors="ignore").decode()
    return text.strip()[:NAME_MAX] or _("Без названия")


def saved_as_json(scenario: Scenario, problems: Iterable[Problem]) -> dict[str, Any]:
    """What the editor hears when the draft is saved."""
    document = scenario.document()
    return {
        "revision": scenario.draft_revision,
        "savedAt": clock(scenario.draft_at),
        "version": version_as_json(scenario.latest_version(), document),
        "records": records_as_json(scenario.account, record_pks(document)),
        "problems": problems_as_json(problems),
    }


def problems_as_json(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """By step; the id is empty for the opening."""
    return [
        {"id": problem.step_id, "code": problem.code, "values": dict(problem.values)}
        for problem in problems
    ]


def version_as_json(version: ScenarioVersion | None, document: Document) -> dict[str, Any] | None:
    """The newest version, and whether the draft says the same."""
    if version is None:
        return None
    return {"number": version.number, "isSame": version.sha256 == document.sha256()}


def records_as_json(account: ApiAccount, pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Facts of records by our key, for the check, the payload, the cost and the player."""
    facts = facts_of_records(account, pks)
    records = Record.objects.filter(pk__in=facts)
    return {record.pk: record_as_json(record, facts[record.pk]) for record in records}


def record_as_json(record: Record, facts: RecordFacts) -> dict[str, Any]:
    """What the editor knows of one record."""
    return asdict(facts) | {
        "service_id": record.service_id,
        "hundredths": int((record.seconds or Decimal(0)) * 100),
        "sound": reverse("records:sound", args=[record.pk]),
    }


def conflict_as_json(scenario: Scenario) -> dict[str, Any]:
    """Who was faster, for the person who was slower."""
    return {
        "by": str(scenario.draft_by or ""),
        "at": clock(scenario.draft_at),
        "isArchived": bool(scenario.archived_at),
    }


def clock(moment: datetime) -> str:
    """The time of the installation's zone, as its other pages show it."""
    return timezone.localtime(moment).strftime("%H:%M")
