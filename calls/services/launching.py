"""From a filled form to planned calls; and back, for those that have not gone out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from calls.ivr import compile as ivr_compile
from calls.ivr.document import Document, record_pks
from calls.models import Call, Campaign, ScenarioVersion
from calls.rules.purposes import OWN, PRESETS
from calls.rules.zones import zone_of
from calls.services import estimating, ledger, rules_in_force
from calls.services.blocking import blocked_among
from obzvon_site.accounts.models import ApiAccount, AuditEvent, OutgoingPhone, User
from obzvon_site.provider.errors import Invalid
from obzvon_site.provider.payloads import Message, Sound
from records.models import Record

SHORTEST_GROUND = 10  # characters: a word or two is no ground


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
    purpose: str = "service"  # a key of calls.rules.purposes.PRESETS
    consent_waiver: str = ""  # the ground for calling without a consent, see needs_waiver


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
    speech = speech_of(request)
    if problems := _problems(request, speech.records, actor):
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
        consent_waiver=request.consent_waiver,
        **_rules(request),
        **_foreseen(request),
        created_by=actor,
        created_at=now,
        changed_at=now,
    )
    campaign.plays.set(speech.records)
    ledger.plan(campaign, _calls(campaign, request.phones, now), now=now)
    given = {"ground": request.consent_waiver} if request.consent_waiver else {}
    AuditEvent.note(
        actor,
        "campaign.launched",
        campaign,
        count=len(set(request.phones)),
        account=str(request.account),
        purpose=str(PRESETS[request.purpose].name),
        **given,
    )
    campaign.refresh_from_db()
    return campaign


def _rules(request: LaunchRequest) -> dict[str, Any]:
    """What the campaign keeps to, as its columns hold it."""
    hours, limits = rules_in_force.binding(request.purpose, request.account)
    return {
        "purpose": request.purpose,
        "hours": None if hours is None else hours.as_json(),
        "limits": {} if hours is None else limits.as_json(),
    }


def _foreseen(request: LaunchRequest) -> dict[str, Any]:
    """What one answered call costs at most, and how long its opening lasts."""
    document = request.draft or estimating.heard(
        record=request.record, text=request.text, version=request.scenario_version
    )
    if document is None:
        return {}
    return {
        "call_price": estimating.of_document(request.account, document).high,
        "listen_seconds": estimating.opening_seconds(document),
    }


def _calls(campaign: Campaign, phones: Iterable[str], now: datetime) -> list[Call]:
    wanted = list(dict.fromkeys(phones))
    blocked = blocked_among(wanted)
    return [
        Call(
            campaign=campaign,
            phone=phone,
            zone=zone_of(phone),
            planned_at=campaign.planned_at or now,
            stage=Call.Stage.BLOCKED if phone in blocked else Call.Stage.PLANNED,
            is_final=phone in blocked,
            error=blocked[phone].explanation if phone in blocked else "",
            changed_at=now,
        )
        for phone in wanted
    ]


def speech_of(request: LaunchRequest) -> Speech:
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


def needs_waiver(purpose: str, account: ApiAccount, number: int) -> bool:
    """Whether so many typed numbers need a ground: where a consent is asked for, none is recorded.

    One number is a person who was thought of; an emulator rings nobody.
    """
    return number > 1 and PRESETS[purpose].needs_consent and not account.is_emulator


def is_no_ground(text: str | None) -> bool:
    """Whether it is too short to name a contract, a law or a document."""
    return len((text or "").strip()) < SHORTEST_GROUND


def _problems(request: LaunchRequest, records: list[Record], actor: User | None) -> list[str]:
    problems = []
    account, phone = request.account, request.outgoing_phone
    if not request.phones:
        problems.append(_("Введите хотя бы один номер."))
    if refusal := _refusal(request, actor):
        problems.append(refusal)
    elif _lacks_ground(request):
        problems.append(
            _(
                "Согласие этих абонентов не записано. Впишите, на каком основании звоним: "
                "договор, закон или документ с номером."
            )
        )
    if not account.is_active:
        problems.append(_("Учётная запись API выключена. Выберите другую."))
    if phone is not None and phone.account_id != account.pk:
        problems.append(_("Исходящий номер принадлежит другой учётной записи. Выберите другой."))
    return problems + record_problems(account, records)


def _lacks_ground(request: LaunchRequest) -> bool:
    phones = set(request.phones)
    return (
        is_no_ground(request.consent_waiver)
        and needs_waiver(request.purpose, request.account, len(phones))
        # Those that are not called need no ground.
        and len(phones) - len(blocked_among(phones)) > 1
    )


def _refusal(request: LaunchRequest, actor: User | None) -> str:
    """Why nobody may call for this purpose; empty: one may."""
    if request.purpose not in PRESETS:
        return _("Выберите цель звонка: от неё зависят часы и число попыток.")
    if request.purpose == OWN and len(set(request.phones)) > 1:
        return _("Проверить на себе можно на одном номере.")
    if request.purpose == OWN and not _is_harmless(request, actor):
        return _("Проверка без часов — только на свой номер: впишите его в профиль.")
    return str(PRESETS[request.purpose].refusal)


def _is_harmless(request: LaunchRequest, actor: User | None) -> bool:
    """Whether nobody is rung but who launches it."""
    if request.account.is_emulator:
        return True
    return all(is_own(phone, actor) for phone in request.phones)


def is_own(phone: str, person: User | None) -> bool:
    """Whether it is the telephone that stands in the person's profile."""
    return person is not None and bool(phone) and phone == person.phone


def record_problems(account: ApiAccount, records: Iterable[Record]) -> list[str]:
    """Why the account cannot play some of the records."""
    problems = []
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
