"""What is wrong with a plan: what forbids its launch, and what a person should know before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.ivr.document import record_pks
from calls.models import Campaign, ContactList, ListImport
from calls.rules.purposes import OFFERED, Preset
from calls.rules.texts import names_in
from calls.rules.words import wider_days
from calls.services import audience, estimating, launching
from calls.services.audience import Audience
from calls.services.foreseeing import Forecast
from calls.services.plans import MessagePlan, Plan
from obzvon_site.common.money import shown
from records.models import Record

MOST_MESSAGES = 2
BEGINNING = 150  # characters in which one says who calls
# What a company is called by: a name in quotes, or a word for what it is.
COMPANY = re.compile(
    r"[«\"„“].+[»\"“”]|\b(?:ООО|ОАО|ПАО|ЗАО|АО|ИП|МФО|МКК|УК|ТСЖ|МЧС|МВД|сеть|кафе)\b|"
    r"\b(?:банк|магазин|компани|клиник|фирм|аптек|салон|школ|центр|служб|доставк|сервис|агентств|"
    r"больниц|поликлиник|страхов|администраци|организаци|студи|мастерск|ресторан|отел|гостиниц|"
    r"фонд|университет)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What has been found out about a plan."""

    people: Audience
    told: Forecast | None
    starts_at: datetime | None
    ends_at: datetime | None
    now: datetime


class Objection(str):
    """A sentence, and the step of the wizard at which it is mended."""

    __slots__ = ("step",)
    step: str


def problems(plan: Plan, preset: Preset | None, facts: Facts) -> list[str]:
    """Sentences that forbid the launch; each is an Objection."""
    return [
        *_at("time", _of_purpose(plan, preset)),
        *_at("list", _of_list(plan, facts)),
        *_at("time", _of_hours(plan, facts)),
        *_at("message", _of_messages(plan)),
        *_at("time", _of_account(plan)),
    ]


def warnings(plan: Plan, facts: Facts) -> list[str]:
    """Sentences that a person should read before launching; each is an Objection."""
    return [
        *_at("list", _about_list(plan, facts)),
        *_at("message", _about_records(plan)),
        *_at("message", _about_words(plan)),
        *_at("check", _about_money(facts)),
        *_at("time", _about_time(plan, facts)),
    ]


def _at(step: str, sentences: Iterator[str]) -> Iterator[Objection]:
    for sentence in sentences:
        objection = Objection(sentence)
        objection.step = step
        yield objection


def _of_purpose(plan: Plan, preset: Preset | None) -> Iterator[str]:
    if preset is None or (plan.purpose not in OFFERED and not plan.account.is_emulator):
        yield _("Выберите цель обзвона: от неё зависят часы и число попыток.")
        return
    if preset.refusal:
        yield str(preset.refusal)
    if plan.account.is_emulator:
        return  # nobody is rung, so nobody is rung too often or too late
    if plan.limits.within(preset.limits) != plan.limits:
        yield _("Попыток на человека больше, чем разрешено: %(purpose)s. Уменьшите их число.") % {
            "purpose": preset.name
        }
    if plan.hours is not None and (days := wider_days(plan.hours, preset.hours)):
        yield _("Часы шире разрешённых (%(days)s): %(purpose)s. Сузьте их.") % {
            "days": ", ".join(map(str, days)).lower(),
            "purpose": preset.name,
        }


def _of_list(plan: Plan, facts: Facts) -> Iterator[str]:
    name = {"name": plan.contact_list.name}
    if not ContactList.objects.shown().filter(pk=plan.contact_list.pk).exists():
        yield _("Список «%(name)s» удалён. Выберите другой.") % name
    elif not facts.people.to_call and not facts.people.set_aside:
        yield _("В списке «%(name)s» нет ни одного контакта. Добавьте номера.") % name
    elif not facts.people.to_call:
        yield _("Звонить некому: все контакты списка «%(name)s» отложены.") % name


def _of_hours(plan: Plan, facts: Facts) -> Iterator[str]:
    if plan.hours is None and not plan.account.is_emulator:
        yield _("Задайте часы звонков: без них можно звонить только через эмулятор.")
    elif plan.hours is not None and plan.hours.is_never:
        yield _("В выбранные часы звонить некогда: оставьте хотя бы один день недели.")
    elif facts.people.to_call and facts.starts_at is None:
        yield _("В выбранные часы никому из списка позвонить нельзя. Расширьте их.")
    begins = facts.starts_at or plan.starts_at or facts.now
    if plan.ends_at is not None and plan.ends_at <= begins:
        yield _(
            "Обзвон закончится раньше, чем сможет начаться: первый звонок возможен %(start)s."
        ) % {"start": _moment(begins)}


def _of_messages(plan: Plan) -> Iterator[str]:
    if not 1 <= len(plan.messages) <= MOST_MESSAGES:
        yield _("Выберите, что услышит абонент: одно сообщение или два, чтобы их сравнить.")
    if len(plan.messages) > 1 and plan.messages[0] == plan.messages[1]:
        yield _("Сообщения одинаковы: сравнивать нечего. Измените одно.")
    told: dict[str, None] = {}
    for message in plan.messages:
        told |= dict.fromkeys(_of_message(plan, message))
    yield from told


def _of_message(plan: Plan, message: MessagePlan) -> Iterator[str]:
    if unknown := audience.unknown(plan.contact_list, message.variables):
        yield _("В списке нет %(unknown)s. Есть: %(known)s. Поправьте текст.") % {
            "unknown": _braced(unknown),
            "known": _braced(["имя", *plan.contact_list.variables]),
        }
    if message.scenario_version and (names := _names_in_scenario(message)):
        yield _("В сценарии значения не подставляются: %(names)s прозвучит как есть. Уберите.") % {
            "names": _braced(names)
        }
    if message.record and (found := launching.record_problems(plan.account, [message.record])):
        yield from found
        return
    try:
        launching.speech_of(request_of(plan, message))
    except launching.NotReady as error:
        yield from error.problems


def request_of(plan: Plan, message: MessagePlan) -> launching.LaunchRequest:
    """One of the plan's messages as a launch of its own, to be compiled."""
    return launching.LaunchRequest(
        launch_token=plan.launch_token,
        account=plan.account,
        name=plan.name,
        phones=[],
        message_kind=message.kind,
        record=message.record,
        text=message.text,
        gender=message.gender,
        scenario_version=message.scenario_version,
    )


def _of_account(plan: Plan) -> Iterator[str]:
    phone = plan.outgoing_phone
    if not plan.account.is_active:
        yield _("Учётная запись API выключена. Выберите другую.")
    if phone is not None and phone.account_id != plan.account.pk:
        yield _("Исходящий номер принадлежит другой учётной записи. Выберите другой.")
    elif phone is not None and phone.is_confirmed is False:
        yield _("Исходящий номер не подтверждён сервисом. Выберите другой.")


def _about_list(plan: Plan, facts: Facts) -> Iterator[str]:
    if plan.contact_list.imports.filter(state=ListImport.State.RUNNING).exists():
        yield _("Список ещё загружается: позвоним только тем, кто в нём уже есть.")
    number = facts.people.by_zone[""]
    if not number or plan.hours is None:
        return
    opens = plan.hours.next_open(max(plan.starts_at or facts.now, facts.now), "")
    hours = _hours_of_unknown(plan, opens)
    if not hours:
        yield ngettext(
            "У %(count)d человека неизвестен часовой пояс, и в выбранные часы позвонить ему "
            "нельзя: пришлось бы звонить ночью. Укажите пояс в списке или расширьте часы.",
            "У %(count)d человек неизвестен часовой пояс, и в выбранные часы позвонить им "
            "нельзя: пришлось бы звонить ночью. Укажите пояс в списке или расширьте часы.",
            number,
        ) % {"count": number}
        return
    yield ngettext(
        "У %(count)d человека неизвестен часовой пояс: чтобы не разбудить, на него остаётся "
        "%(hours)s ч в день.",
        "У %(count)d человек неизвестен часовой пояс: чтобы не разбудить, на них остаётся "
        "%(hours)s ч в день.",
        number,
    ) % {"count": number, "hours": hours}


def _hours_of_unknown(plan: Plan, opens: datetime | None) -> str:
    """How long it is open everywhere at once on such a day: «2», «1,5»; empty: never."""
    if plan.hours is None or opens is None:
        return ""
    seconds = (plan.hours.closes_at(opens, "") - opens).total_seconds()
    return f"{seconds / 3600:.1f}".removesuffix(".0").replace(".", ",")


def _about_records(plan: Plan) -> Iterator[str]:
    for record in _records(plan):
        if record.is_on_moderation:
            yield _("Ролик «%(name)s» на модерации: звонки начнутся, когда его одобрят.") % {
                "name": record.name
            }


def _about_words(plan: Plan) -> Iterator[str]:
    texts = [text for message in plan.messages if (text := _opening_text(message))]
    if any(not COMPANY.search(text[:BEGINNING]) for text in texts):
        yield _("В начале сообщения не слышно, кто звонит. Назовите компанию первыми словами.")


def _about_money(facts: Facts) -> Iterator[str]:
    told = facts.told
    if told is None:
        return
    if told.is_over_balance and told.balance is not None:
        sentence = (
            _("На балансе %(balance)s: этого не хватит. Пополните его, иначе обзвон остановится.")
            if told.balance < told.low
            else _("На балансе %(balance)s: этого может не хватить, и обзвон остановится.")
        )
        yield sentence % {"balance": shown(told.balance)}
    if told.is_over_budget and told.budget is not None:
        yield _("Бюджета %(budget)s может не хватить: обзвон остановится и спросит вас.") % {
            "budget": shown(told.budget)
        }


def _about_time(plan: Plan, facts: Facts) -> Iterator[str]:
    if plan.ends_at is None or facts.starts_at is None or plan.ends_at <= facts.starts_at:
        return
    if facts.ends_at is None or facts.ends_at > plan.ends_at:
        yield _("До конца обзвона (%(end)s) можем не успеть позвонить всем.") % {
            "end": _moment(plan.ends_at)
        }


def _records(plan: Plan) -> list[Record]:
    """Everything recorded that the plan plays, each once."""
    documents = (
        estimating.heard(record=message.record, version=message.scenario_version)
        for message in plan.messages
    )
    pks = {pk for document in documents if document for pk in record_pks(document)}
    return list(Record.objects.filter(pk__in=pks).order_by("pk"))


def _opening_text(message: MessagePlan) -> str:
    """The first words, where they are known: of a file nobody knows them."""
    if message.kind == Campaign.Message.TEXT:
        return message.text
    document = estimating.heard(record=message.record, version=message.scenario_version)
    if document is None or not document.opening.is_record:
        return document.opening.text if document else ""
    record = Record.objects.filter(pk__in=[document.opening.record]).first()
    return record.text if record else ""


def _names_in_scenario(message: MessagePlan) -> list[str]:
    document = estimating.heard(version=message.scenario_version)
    texts = [sound.text for sound in document.sounds()] if document else []
    return list(dict.fromkeys(name for text in texts for name in names_in(text)))


def _braced(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in dict.fromkeys(names))


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j E, H:i")
