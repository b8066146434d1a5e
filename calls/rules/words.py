"""Hours and limits as people say them."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from calls.rules.hours import ANY_TIME, Hours, Span
from calls.rules.limits import Limits

SHORT_DAYS = (_("пн"), _("вт"), _("ср"), _("чт"), _("пт"), _("сб"), _("вс"))
DAYS = (
    *(_("Понедельник"), _("Вторник"), _("Среда"), _("Четверг"), _("Пятница")),
    *(_("Суббота"), _("Воскресенье"), _("Праздники")),
)


def hours_in_words(hours: Hours | None) -> str:
    """«пн–пт 9:00–21:00, сб–вс и праздники 10:00–20:00»; no hours: any time."""
    if hours is None or hours == ANY_TIME:
        return gettext("в любое время")
    if hours.is_never and hours.holiday is None:
        return gettext("никогда")
    groups = list(_groups(hours))
    if len(groups) == 1:
        return gettext("ежедневно %(span)s") % {"span": _span(groups[0][1])}
    told = [f"{days} {_span(span)}" for days, span in groups]
    return ("; " if any(", " in days for days, _span_of in groups) else ", ").join(told)


def limits_in_words(limits: Limits) -> str:
    """«до 3 в день, до 7 в неделю, до 20 в месяц»."""
    periods = (
        (limits.day, gettext("до %(number)d в день")),
        (limits.week, gettext("до %(number)d в неделю")),
        (limits.month, gettext("до %(number)d в месяц")),
    )
    told = [words % {"number": limit} for limit, words in periods if limit is not None]
    return ", ".join(told) or gettext("без ограничения")


def clock(minute: int) -> str:
    """``9:00`` of minutes since midnight; the last midnight is ``24:00``."""
    return f"{minute // 60}:{minute % 60:02d}"


def wider_days(hours: Hours, allowed: Hours) -> list[str | Promise]:
    """The days on which ``hours`` begin earlier or end later than ``allowed``."""
    common = hours.within(allowed)
    pairs = zip((*hours.days, hours.holiday), (*common.days, common.holiday), strict=True)
    return [DAYS[number] for number, (mine, both) in enumerate(pairs) if mine != both]


def _groups(hours: Hours) -> Iterator[tuple[str, Span | None]]:
    """(days in words, their span), days of one span together."""
    for span in dict.fromkeys((*hours.days, hours.holiday)):
        runs = list(_runs([number for number in range(7) if hours.days[number] == span]))
        if hours.holiday != span:
            yield ", ".join(runs), span
        elif not runs:
            yield gettext("праздники"), span
        else:
            yield gettext("%(days)s и праздники") % {"days": ", ".join(runs)}, span


def _runs(numbers: list[int]) -> Iterator[str]:
    """«пн–ср», «пт»: days that follow each other as one."""
    while numbers:
        length = 1
        while length < len(numbers) and numbers[length] == numbers[0] + length:
            length += 1
        first, last = SHORT_DAYS[numbers[0]], SHORT_DAYS[numbers[length - 1]]
        yield f"{first}–{last}" if length > 1 else str(first)
        numbers = numbers[length:]


def _span(span: Span | None) -> str:
    if span is None:
        return gettext("не звоним")
    return gettext("круглосуточно") if span == ANY_TIME.holiday else "–".join(map(clock, span))
