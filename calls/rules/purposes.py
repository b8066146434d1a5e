"""Why people are rung, and what the law and good manners allow for each purpose."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.rules.hours import ANY_TIME, Hours
from calls.rules.limits import Limits
from calls.rules.words import hours_in_words, limits_in_words

NINE, TEN, EIGHT, NOON = 9 * 60, 10 * 60, 8 * 60, 12 * 60
SERVICE_HOURS = Hours(((NINE, 21 * 60),) * 5 + ((TEN, 20 * 60),) * 2, (TEN, 20 * 60))
DEBT_HOURS = Hours(((EIGHT, 22 * 60),) * 5 + ((NINE, 20 * 60),) * 2, (NINE, 20 * 60))


OWN = "own"  # calls to oneself: no rules, and not offered
CONSENT = _(
    "126-ФЗ «О связи» в редакции 41-ФЗ от 01.04.2025 (с 01.09.2025): автоматические вызовы, "
    "информационные тоже, — только с согласия абонента, полученного заранее."
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A purpose: its hours, limits per person, and where they come from."""

    key: str
    name: str | Promise
    about: str | Promise  # whom one calls so
    hours: Hours
    limits: Limits
    law: str | Promise  # the source, named for people
    consent_law: str | Promise = ""  # the source that asks for a consent; empty: none is asked
    refusal: str | Promise = ""  # why nobody may launch it; empty: one may
    changed_for: str = ""  # why an admin has set other hours or limits, in the admin's words

    @property
    def needs_consent(self) -> bool:
        return bool(self.consent_law)

    @property
    def hours_words(self) -> str:
        return hours_in_words(self.hours)

    @property
    def limits_words(self) -> str:
        return limits_in_words(self.limits)


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "service",
            _("Сервисный обзвон"),
            _("Заказ, доставка, запись, оплата: то, о чём клиент ждёт вестей"),
            SERVICE_HOURS,
            Limits(day=3, week=7, month=20),
            _(
                "Часы — по региональным законам о тишине, с запасом. Число попыток закон не "
                "задаёт, предел — наша мера."
            ),
            consent_law=CONSENT,
        ),
        Preset(
            "debt",
            _("Взыскание долга"),
            _("Напоминание о просроченном долге"),
            DEBT_HOURS,
            Limits(day=1, week=2, month=8),
            _(
                "230-ФЗ, статья 7, части 3 и 5: в рабочие дни с 8 до 22, в выходные и праздники "
                "с 9 до 20 по времени должника; не чаще 1 раза в сутки, 2 раз в неделю, 8 раз в "
                "месяц. Голосовым сообщениям закон даёт 2, 4 и 16, мы держим строгий предел."
            ),
            consent_law=CONSENT,
        ),
        Preset(
            "survey",
            _("Опрос"),
            _("Качество обслуживания, мнение, голосование"),
            SERVICE_HOURS,
            Limits(day=1, week=3, month=6),
            _(
                "Часы — по региональным законам о тишине, с запасом. Число попыток закон не "
                "задаёт, предел — наша мера."
            ),
            consent_law=CONSENT,
        ),
        Preset(
            "emergency",
            _("Экстренное оповещение"),
            _("Угроза жизни, здоровью или имуществу"),
            ANY_TIME,
            Limits(),
            _(
                "68-ФЗ «О защите населения и территорий от чрезвычайных ситуаций», статья 6: об "
                "угрозе сообщают без промедления; часов и числа попыток он не ограничивает. Без "
                "согласия, по 126-ФЗ «О связи» в редакции 41-ФЗ от 01.04.2025, звонят госорганы, "
                "местные власти и те, кого назвало Правительство: проверьте, что вы среди них."
            ),
        ),
        Preset(
            "advertising",
            _("Реклама"),
            _("Продвижение товаров и услуг"),
            SERVICE_HOURS,
            Limits(),
            _("38-ФЗ «О рекламе», статья 18, часть 2: без человека, автоматически, нельзя."),
            consent_law=_("38-ФЗ «О рекламе», статья 18, часть 1: только с согласия абонента."),
            refusal=_(
                "Реклама автоматическим дозвоном без участия человека запрещена: 38-ФЗ "
                "«О рекламе», статья 18, часть 2. Позвоните сами или выберите другую цель, если "
                "это не реклама."
            ),
        ),
        Preset(
            OWN,
            _("Проверка на своём номере"),
            _("Звонок самому себе"),
            ANY_TIME,
            Limits(),
            _("Вы звоните себе сами: ограничений нет."),
        ),
    )
}
OFFERED = ("service", "debt", "survey", "emergency", "advertising")  # in the wizard, in order
