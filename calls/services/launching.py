"""From a filled form to planned calls; and back, for those that have not gone out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from calls.ivr import compile as ivr_compile
from calls.ivr.document import Document, record_pks
from calls.models import Call, Campaign, ScenarioVersion
from calls.services import ledger
from calls.services.blocking import blocked_among
from obzvon_site.accounts.models import ApiAccount, AuditEvent, OutgoingPhone, User
from obzvon_site.provider.errors import Invalid
from obzvon_site.provider.payloads import Message, Sound
from records.models import Record


class NotReady(Exception):
    """It cannot be launched as it is; ``problems`` are sentences for the operator."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True)
class LaunchRequest:
    """What an operator asked for. ``phones`` are 11 digits; repeats are dropped."""

    launch_token: UUID  # made with the empty form; the same token is the same launch
    account: ApiAccount
    name: str
    phones: list[str]
    message_kind: str  # Campaign.Message
    record: Record | None = None
    text: str = ""
    gender: int = Record.Gender.FEMALE
    scenario_version: ScenarioVersion | None = None
    draft: Document | None = None  # a scenario to be tried, of which there is no version
    outgoing_phone: OutgoingPhone | None = None  # None: a random duty number
    need_recording: bool = True
    planned_at: datetime | None = None  # None: as soon as possible


@dataclass(frozen=True)
class Speech:
    """The message as it goes to the service, and the records it plays."""

    payload: dict[str, object]
    records: list[Record] = field(default_factory=list)


def launch(request: LaunchRequest, *, actor: User | None, now: datetime) -> Campaign:
    """Make the campaign and its planned calls: all of them or none.

    Only writes rows; the dispatcher finds them. A second launch with the same token, also one at
    the same moment, returns the first one's campaign. Raises NotReady.
    """
    if campaign := Campaign.objects.filter(launch_token=request.launch_token).first():
        return campaign
    speech = _speech(request)
    if problems := _problems(request, speech.records):
        raise NotReady(problems)
    try:
        with transaction.atomic():
            return _write(request, speech, actor, now)
    except IntegrityError:
        # The same form was sent twice at once, and the other one was first.
        return Campaign.objects.get(launch_token=request.launch_token)


def _write(request: LaunchRequest, speech: Speech, actor: User | None, now: datetime) -> Campaign:
    campaign = Campaign.objects.create(
        launch_token=request.launch_token,
        account=request.account,
        name=request.name,
        message=request.message_kind,
        record=request.record,
        text=request.text,
        gender=request.gender,
        scenario_version=request.scenario_version,
        payload=speech.payload,
        outgoing_phone=request.outgoing_phone,
        need_recording=request.need_recording,
        planned_at=request.planned_at,
        created_by=actor,
        created_at=now,
        changed_at=now,
    )
    campaign.plays.set(speech.records)
    ledger.plan(campaign, _calls(campaign, request.phones, now), now=now)
    AuditEvent.note(
        actor,
        "campaign.launched",
        campaign,
        count=len(set(request.phones)),
        account=str(request.account),
    )
    campaign.refresh_from_db()
    return campaign


def _calls(campaign: Campaign, phones: Iterable[str], now: datetime) -> list[Call]:
    wanted = list(dict.fromkeys(phones))
    blocked = blocked_among(wanted)
    return [
        Call(
            campaign=campaign,
            phone=phone,
            planned_at=campaign.planned_at or now,
            stage=Call.Stage.BLOCKED if phone in blocked else Call.Stage.PLANNED,
            is_final=phone in blocked,
            error=blocked[phone].explanation if phone in blocked else "",
            changed_at=now,
        )
        for phone in wanted
    ]


def _speech(request: LaunchRequest) -> Speech:
    """Compile the message. Raises NotReady with what is missing in it."""
    try:
        match request.message_kind:
            case Campaign.Message.TEXT:
                sound = Sound(text=request.text, gender=request.gender)
                return Speech(Message(sound).as_json())
            case Campaign.Message.RECORD if request.record is not None:
                message = Message(Sound(id=request.record.service_id))
                return Speech(message.as_json(), [request.record])
            case Campaign.Message.SCENARIO if (document := _document(request)) is not None:
                return _scenario(document, request.account)
    except (Invalid, KeyError) as error:
        said = error.words if isinstance(error, Invalid) else ""
        raise NotReady([said or _("Один из роликов сценария ещё не готов.")]) from error
    raise NotReady([_("Выберите, что услышит абонент: ролик, текст или сценарий.")])


def _document(request: LaunchRequest) -> Document | None:
    if version := request.scenario_version:
        return Document.from_json(version.document)
    return request.draft


def _scenario(document: Document, account: ApiAccount) -> Speech:
    records = list(Record.objects.usable(account).filter(pk__in=record_pks(document)))
    message = ivr_compile.message(
        document,
        record_ids={record.pk: record.service_id for record in records if record.service_id},
        step_webhook_url=account.step_webhook_url(),
    )
    return Speech(message.as_json(), records)


def _problems(request: LaunchRequest, records: list[Record]) -> list[str]:
    problems = []
    account, phone = request.account, request.outgoing_phone
    if not request.phones:
        problems.append(_("Введите хотя бы один номер."))
    if not account.is_active:
        problems.append(_("Учётная запись API выключена. Выберите другую."))
    if phone is not None and phone.account_id != account.pk:
        problems.append(_("Исходящий номер принадлежит другой учётной записи. Выберите другой."))
    for record in records:
        if record.account_id != account.pk:
            problems.append(
                _("Ролик «%(name)s» загружен в другую учётную запись.") % {"name": record.name}
            )
        elif not Record.objects.usable(account).filter(pk=record.pk).exists():
            problems.append(
                _("Ролик «%(name)s» нельзя использовать: он не принят сервисом.")
                % {"name": record.name}
            )
    return problems


def take_back(campaign: Campaign, *, actor: User | None, now: datetime) -> int:
    """Cancel the calls that have not gone out. Returns how many; the others go on."""
    taken = 0
    with transaction.atomic():
        ledger.lock([campaign.pk])
        rows = list(
            Call.objects.select_for_update().filter(campaign=campaign, stage=Call.Stage.PLANNED)
        )
        for start in range(0, len(rows), 500):
            taken += ledger.move_all(
                rows[start : start + 500],
                Call.Stage.TAKEN_BACK,
                now=now,
                details={"by": str(actor)} if actor else {},
            )
        if taken:
            AuditEvent.note(actor, "campaign.taken_back", campaign, count=taken)
    return taken


@transaction.atomic
def resume(campaign: Campaign, *, actor: User | None) -> None:
    """Try again what was held back, with all of the account that the same reason holds."""
    reason = Campaign.objects.values_list("hold_reason", flat=True).get(pk=campaign.pk)
    if not reason:
        return
    held = Campaign.objects.filter(account=campaign.account_id, hold_reason=reason)
    count = held.update(hold_reason="", hold_until=None)
    AuditEvent.note(actor, "campaign.resumed", campaign, reason=reason, campaigns=count)
