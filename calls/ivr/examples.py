"""Scenarios to start from, in the words of the person's language."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.ivr.document import MALE, Document, Sound, Step, Trigger, with_unique_ids


@dataclass(frozen=True, slots=True)
class Example:
    """What is offered, and how its document is made."""

    name: str | Promise
    about: str | Promise
    make: Callable[[], Document]

    def document(self) -> Document:
        return with_unique_ids(self.make())


def _key(digit: int, label: str, **fields: object) -> Step:
    return Step("", label=label, trigger=Trigger("digit", digit=digit), **fields)  # type: ignore[arg-type]


def _order() -> Document:
    return Document(
        opening=Sound(
            text=_(
                "Здравствуйте! Ваш заказ готов к отправке. Чтобы подтвердить, нажмите 1 или "
                "скажите «да». Чтобы перенести доставку, нажмите 2."
            )
        ),
        recognize=True,
        steps=(
            _key(1, _("Подтвердил"), sound=Sound(text=_("Спасибо, заказ подтверждён."))),
            Step(
                "",
                label=_("Подтвердил голосом"),
                trigger=Trigger("words", words=(_("да"), _("подтверждаю"))),
                sound=Sound(text=_("Спасибо, заказ подтверждён.")),
            ),
            _key(
                2,
                _("Перенести доставку"),
                sound=Sound(text=_("Завтра: нажмите 1. Послезавтра: нажмите 2.")),
                steps=(
                    _key(1, _("Завтра"), sound=Sound(text=_("Хорошо, привезём завтра."))),
                    _key(2, _("Послезавтра"), sound=Sound(text=_("Хорошо, привезём послезавтра."))),
                ),
            ),
            Step("", label=_("Промолчал"), sound=Sound(text=_("Мы перезвоним. Хорошего дня!"))),
        ),
    )


def _visit() -> Document:
    return Document(
        opening=Sound(
            text=_(
                "Здравствуйте! Напоминаем о приёме завтра в 10:30. Придёте: нажмите 1. "
                "Чтобы отменить, нажмите 2."
            )
        ),
        steps=(
            _key(1, _("Придёт"), sound=Sound(text=_("Ждём вас!"))),
            _key(
                2,
                _("Отменил"),
                sound=Sound(text=_("Запись отменена.")),
                sms=_("Запись отменена. Чтобы записаться снова, позвоните нам"),
            ),
        ),
    )


def _debt() -> Document:
    return Document(
        opening=Sound(
            text=_(
                "Здравствуйте! По вашему договору есть задолженность. Если оплатите сегодня, "
                "нажмите 1. Если вы не имеете отношения к договору, нажмите 9."
            ),
            gender=MALE,
        ),
        steps=(
            _key(
                1,
                _("Оплатит сегодня"),
                sound=Sound(text=_("Спасибо, ждём оплату сегодня."), gender=MALE),
            ),
            _key(9, _("Не тот человек"), block=True),
        ),
    )


def _poll() -> Document:
    good, bad = _("Спасибо за высокую оценку!"), _("Спасибо. Мы постараемся стать лучше.")
    return Document(
        opening=Sound(text=_("Здравствуйте! Оцените наш сервис клавишей от 1 до 5.")),
        steps=tuple(
            _key(
                mark,
                _("Оценка %(mark)d") % {"mark": mark},
                sound=Sound(text=good if mark > 3 else bad),
            )
            for mark in range(1, 6)
        ),
    )


def _alert() -> Document:
    return Document(
        opening=Sound(
            text=_(
                "Внимание! Завтра с 9 до 17 часов отключат воду. Если вы прослушали сообщение, "
                "нажмите 1."
            ),
            gender=MALE,
        ),
        steps=(_key(1, _("Прослушал"), sound=Sound(text=_("Спасибо, отметили."), gender=MALE)),),
    )


EXAMPLES: dict[str, Example] = {
    "order": Example(
        gettext_lazy("Подтверждение заказа"),
        gettext_lazy("Клавиши 1 и 2, голосовой ответ, меню с переносом доставки"),
        _order,
    ),
    "visit": Example(
        gettext_lazy("Запись на приём"), gettext_lazy("Придёт или отменит, СМС при отмене"), _visit
    ),
    "debt": Example(
        gettext_lazy("Напоминание о долге"),
        gettext_lazy("Оплатит сегодня или ошиблись номером: тогда в чёрный список"),
        _debt,
    ),
    "poll": Example(gettext_lazy("Опрос"), gettext_lazy("Оценка клавишей от 1 до 5"), _poll),
    "alert": Example(
        gettext_lazy("Экстренное оповещение"), gettext_lazy("Прослушал: нажал 1"), _alert
    ),
}
