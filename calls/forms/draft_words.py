"""What the wizard says of a plan: in one sentence, and fact by fact."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from calls.forms.draft_retries import NAMES
from calls.forms.draft_rules import TimeForm
from calls.models import Campaign, ListImport
from calls.rules.retries import RESULTS, Retries
from calls.rules.words import hours_in_words, limits_in_words
from calls.services import rules_in_force
from calls.services.audience import BLOCKED, NO_CONSENT, NO_VALUE, REASONS
from calls.services.planning import Review
from calls.services.plans import Guards, MessagePlan, Plan
from obzvon_site.common import money
from obzvon_site.common.phones import shown

Facts = list[tuple[str, str]]


def moment(at: datetime) -> str:
    """«25 ноября, 10:00»."""
    return date_format(timezone.localtime(at), pgettext("moment of a plan", "j E, H:i"))


def pasted(told: ListImport) -> str:
    """What became of pasted numbers."""
    sentence = ngettext(
        "Номера стали списком: %(count)d контакт.",
        "Номера стали списком. Контактов: %(count)d.",
        told.added,
    ) % {"count": told.added}
    if told.bad:
        rest = _("Строк с ошибкой: %(count)d — их можно исправить на странице списка.")
        sentence += " " + rest % {"count": told.bad}
    return sentence


def rules(form: TimeForm) -> Facts:
    """The rules of step 3 as they stand, for the card beside it; empty until there is a purpose."""
    if form.preset is None or form.preset.refusal:
        return []
    data = form.cleaned_data
    found: Facts = [
        (_("Часы"), hours_in_words(form.plan_hours) + _own_time(form)),
        (_("Одному человеку"), limits_in_words(form.plan_limits)),
        (_("Согласие"), consent(form.preset.needs_consent, is_waived=form.is_waived)),
        (_("Повторы"), retries(form.plan_retries)),
        (pgettext("of a campaign", "Начало"), when(data.get("starts_at"))),
    ]
    if ends_at := data.get("ends_at"):
        found.append((_("Конец"), moment(ends_at)))
    return found


def _own_time(form: TimeForm) -> str:
    return "" if form.plan_hours is None else _(" по времени абонента")


def consent(needs: bool, *, is_waived: bool) -> str:
    if not needs:
        return _("не требуется")
    return _("не спрашиваем: есть основание") if is_waived else _("только с согласием")


def when(starts_at: datetime | None) -> str:
    return moment(starts_at) if starts_at else _("сразу после запуска")


def begins(found: Review, now: datetime) -> str:
    """When the first ones are rung; empty when nobody can be."""
    if found.starts_at is None:
        return ""
    return when(found.starts_at if found.starts_at > now else None)


def retries(rules_of: Retries) -> str:
    """«занято: 2 раза через 15 мин; не ответил: 2 раза через 2 ч, в другой час»."""
    told = []
    for result in RESULTS:
        if (rule := rules_of.rules.get(result)) is None:
            continue
        words = ngettext(
            "%(name)s — ещё %(count)d раз через %(later)s",
            "%(name)s — ещё %(count)d раза через %(later)s",
            rule.times,
        ) % {
            "name": str(NAMES[result]).lower(),
            "count": rule.times,
            "later": span(rule.after_minutes),
        }
        told.append(words + (_(", в другой час") if rule.is_other_hour else ""))
    return "; ".join(told) or _("не перезваниваем")


def span(minutes: int) -> str:
    """«15 мин», «2 ч», «1 ч 30 мин»."""
    hours, rest = divmod(minutes, 60)
    parts = [_("%(count)d ч") % {"count": hours}] if hours else []
    parts += [_("%(count)d мин") % {"count": rest}] if rest or not hours else []
    return " ".join(parts)


def said(message: MessagePlan) -> str:
    """What is heard, in a few words."""
    if message.kind == Campaign.Message.RECORD:
        return _("ролик «%(name)s»") % {"name": message.record}
    if message.kind == Campaign.Message.SCENARIO:
        version = message.scenario_version
        told = {"name": version.scenario, "number": version.number} if version else {}
        return _("сценарий «%(name)s», версия %(number)d") % told
    text = message.text
    return _("текст «%(text)s»") % {"text": text if len(text) <= 120 else text[:117] + "…"}


def sentence(plan: Plan) -> str:
    """The whole campaign in one sentence."""
    messages = [said(message) for message in plan.messages]
    heard = messages[0] if len(messages) == 1 else _("одно из двух: %s") % _(" или ").join(messages)
    phone = plan.outgoing_phone
    return _(
        "Позвоним по списку «%(list)s» с номера %(phone)s. Абонент услышит %(heard)s. "
        "Цель — %(purpose)s: %(hours)s. Начнём %(start)s."
    ) % {
        "list": plan.contact_list,
        "phone": shown(phone.phone) if phone else _("дежурной линии"),
        "heard": heard,
        "purpose": str(rules_in_force.preset(plan.purpose).name).lower(),
        "hours": hours_in_words(plan.hours),
        "start": when(plan.starts_at),
    }


def facts(plan: Plan) -> Facts:
    """What the sentence leaves out, with the step's word in front."""
    preset = rules_in_force.preset(plan.purpose)
    found: Facts = [
        (_("Одному человеку"), limits_in_words(plan.limits)),
        (_("Согласие"), consent(preset.needs_consent, is_waived=bool(plan.consent_waiver))),
        (_("Повторы"), retries(plan.retries)),
        (_("Скорость"), pace(plan)),
        (_("Бюджет"), budget(plan)),
        (_("Предохранители"), guards(plan.guards)),
    ]
    if plan.ends_at:
        found.insert(0, (_("Конец"), _("не позже %s") % moment(plan.ends_at)))
    if plan.skip_called_days:
        words = _("кому звонили за последние дни: %(days)d") % {"days": plan.skip_called_days}
        found.append((_("Пропустим"), words))
    if plan.pilot_size:
        words = _("сначала звонков: %(count)d, потом ждём разрешения") % {"count": plan.pilot_size}
        found.append((_("Пробная часть"), words))
    recording = _("записываем") if plan.need_recording else _("не записываем")
    return [*found, (_("Запись разговоров"), recording)]


def pace(plan: Plan) -> str:
    most = plan.calls_per_minute or plan.account.calls_per_minute
    told = _("до %(count)d звонков в минуту") % {"count": most}
    if plan.concurrent:
        told += _(", одновременно до %(count)d") % {"count": plan.concurrent}
    return told


def budget(plan: Plan) -> str:
    parts = []
    if plan.budget is not None:
        parts.append(_("не больше %s") % money.shown(plan.budget))
    if plan.day_budget is not None:
        parts.append(_("в день не больше %s") % money.shown(plan.day_budget))
    return ", ".join(parts) or _("без предела")


def guards(kept: Guards) -> str:
    """When it stops by itself."""
    values: dict[str, Any] = {"answered": kept.answered, "errors": kept.errors, "of": kept.of}
    parts = []
    if kept.answered is not None:
        parts.append(_("отвечают реже %(answered)d%%") % values)
    if kept.errors is not None:
        parts.append(_("ошибок больше %(errors)d%%") % values)
    if not parts:
        return _("выключены")
    return _("остановим, если %(when)s (по последним %(of)d)") % {
        "when": _(" или ").join(parts),
        "of": kept.of,
    }


def aside(found: Review, plan: Plan) -> list[tuple[str, int, tuple[str, str]]]:
    """(reason, contacts, (address, what one does there)) of those who would not be called."""
    whole = plan.contact_list.get_absolute_url()
    doors = {
        BLOCKED: (reverse("calls:blacklist"), _("чёрный список")),
        NO_CONSENT: (whole, _("открыть список")),
        NO_VALUE: (whole, _("открыть список")),
    }
    return [
        (str(REASONS.get(reason, reason)), number, doors.get(reason, ("", "")))
        for reason, number in found.set_aside.items()
    ]
