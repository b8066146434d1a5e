"""What a campaign is going to be: the wizard's filled forms as values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from calls.models import Campaign, ContactList, ScenarioVersion
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.retries import Retries
from calls.rules.texts import names_in
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from records.models import Record

LETTERS = ("a", "b")  # of the messages of a plan, in their order


@dataclass(frozen=True, slots=True)
class Guards:
    """When to stop by itself and call for a person; None: that guard is off."""

    answered: int | None = None  # per cent of ended calls that somebody took, at least
    errors: int | None = None  # per cent of sent calls refused or without an answer, at most
    of: int = 50  # the latest so many calls are looked at, and not before there are as many

    def as_json(self) -> dict[str, int | None]:
        return {"answered": self.answered, "errors": self.errors, "of": self.of}


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """What one variant says: a record, a text (perhaps with variables) or a scenario's version."""

    kind: str  # Campaign.Message
    record: Record | None = None
    text: str = ""
    gender: int = Record.Gender.FEMALE
    scenario_version: ScenarioVersion | None = None

    @property
    def variables(self) -> list[str]:
        """What its text asks of each contact; a scenario and a record ask nothing."""
        return names_in(self.text) if self.kind == Campaign.Message.TEXT else []


@dataclass(frozen=True)
class Plan:
    """A whole campaign, ready to be looked over and launched."""

    launch_token: UUID
    name: str
    account: ApiAccount
    contact_list: ContactList
    messages: tuple[MessagePlan, ...]  # one; or two, to be compared
    purpose: str  # a key of calls.rules.purposes.PRESETS
    hours: Hours | None  # within the purpose's; None: any time (only on the emulator)
    limits: Limits  # within the purpose's
    retries: Retries
    ground: str = ""  # what the person stated for the purpose, where it asks
    consent_waiver: str = ""  # why contacts without a consent may be called; empty: they may not
    outgoing_phone: OutgoingPhone | None = None  # None: a random duty number
    need_recording: bool = True
    starts_at: datetime | None = None  # None: at once
    ends_at: datetime | None = None
    calls_per_minute: int | None = None  # None: the account's
    concurrent: int | None = None
    budget: Decimal | None = None
    day_budget: Decimal | None = None
    pilot_size: int | None = None
    guards: Guards = field(default_factory=Guards)
    skip_called_days: int | None = None  # leave out whom anybody called in the last days
    answers: dict[str, object] = field(default_factory=dict)  # the wizard's, to copy it from
