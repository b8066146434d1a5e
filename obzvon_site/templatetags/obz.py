"""How values look: phone, money, duration, moment, badge, icon."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from obzvon_site.common import money as money_texts
from obzvon_site.common import phones

register = template.Library()

NONE = "—"
TONES = ("ok", "warn", "bad", "info", "live", "neutral")
# outcome of a call: tone and word
OUTCOMES = {
    "planned": ("neutral", gettext_lazy("Готовим")),
    "sending": ("info", gettext_lazy("Отправляем")),
    "unknown": ("warn", gettext_lazy("Проверяем")),
    "refused": ("bad", gettext_lazy("Не отправлен")),
    "lost": ("bad", gettext_lazy("Не подтверждён")),
    "blocked": ("neutral", gettext_lazy("В чёрном списке")),
    "taken_back": ("neutral", gettext_lazy("Отменён")),
    "queued": ("neutral", gettext_lazy("Передан")),
    "created": ("neutral", gettext_lazy("В очереди")),
    "processed": ("info", gettext_lazy("Обработка")),
    "started": ("info", gettext_lazy("Набираем")),
    "answered": ("live", gettext_lazy("Разговор")),
    "finished": ("ok", gettext_lazy("Состоялся")),
    "busy": ("warn", gettext_lazy("Занято")),
    "canceled": ("bad", gettext_lazy("Не состоялся")),
}


@register.filter
def phone(value: str) -> str:
    """``+7 (912) 345-67-89``."""
    return phones.shown(str(value or "")) or NONE


@register.filter
def money(value: Decimal | None) -> str:
    """``1 234,50 ₽``, a dash for nothing."""
    return NONE if value is None else money_texts.shown(Decimal(value))


@register.filter
def roughly(value: Decimal | None) -> str:
    """``6 100 ₽`` of 6 123,45: two figures are all that an estimate is good for."""
    return NONE if value is None else money_texts.roughly(Decimal(value))


@register.filter
def grouped(number: int) -> str:
    """``12 345`` with no-break spaces, as money is, in both languages."""
    return f"{number:,}".replace(",", money_texts.NBSP)


@register.filter
def duration(seconds: float | Decimal | None) -> str:
    """``1:08``, from an hour on ``2 ч 05 мин``, a dash for nothing."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    hours, minutes = divmod(minutes, 60)
    return _("%(hours)d ч %(minutes)02d мин") % {"hours": hours, "minutes": minutes}


@register.filter
def moment(value: datetime | None) -> str:
    """For tables: ``14:41:05`` of today, else ``23.11 14:41``, with the year when it is another."""
    if value is None:
        return NONE
    local, today = timezone.localtime(value), timezone.localdate()
    if local.date() == today:
        return local.strftime("%H:%M:%S")
    return local.strftime("%d.%m %H:%M" if local.year == today.year else "%d.%m.%Y %H:%M")


@register.filter
def exact(value: datetime | None) -> str:
    """``23 ноября 2026, 14:41:05``."""
    if value is None:
        return NONE
    return date_format(timezone.localtime(value), pgettext("exact moment", "j E Y, H:i:s"))


@register.filter
def initials(person: Any) -> str:
    """Two letters for a person: of the names, else of the login."""
    words = str(person).split()
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else str(person)[:2]
    return letters.upper()


@register.simple_tag
@cache  # a page has a hundred of them, of few kinds
def icon(name: str, size: int = 20) -> SafeString:
    """A picture of the sprite, for the eye only: the words beside it say the same."""
    return format_html(
        '<svg class="ic" width="{0}" height="{0}" aria-hidden="true">'
        '<use href="{1}#{2}"></use></svg>',
        size,
        static("icons.svg"),
        name,
    )


@register.simple_tag
def badge(tone: str, text: Any) -> SafeString:
    """A state: dot, word and colour, never colour alone."""
    if tone not in TONES:
        raise ValueError(f"no such tone: {tone}")
    return format_html('<span class="badge is-{}">{}</span>', tone, text)


@register.simple_tag
def call_badge(call: Any) -> SafeString:
    """The badge of a call's outcome; an unknown status is shown in the service's own word."""
    if call.outcome in OUTCOMES:
        return badge(*OUTCOMES[call.outcome])
    return badge("neutral", _("Неизвестно: «%(status)s»") % {"status": call.status})


@register.simple_tag
def campaign_bar(campaign: Any) -> SafeString:
    """Progress as one line of coloured parts: widths are numbers of an SVG, not styles."""
    parts = [
        ("ok", campaign.finished),
        ("warn", campaign.busy),
        ("bad", campaign.canceled + campaign.failed),
        ("info", campaign.live + campaign.doubtful),
    ]
    total, x, drawn = max(campaign.total, 1), 0.0, []
    for tone, number in parts:
        width = 1000 * number / total
        if width:
            drawn.append((tone, round(x, 1), round(width, 1)))
        x += width
    return format_html(
        '<svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        _("Сделано %(done)s из %(total)s") % {"done": campaign.done, "total": campaign.total},
        format_html_join(
            "", '<rect class="is-{}" x="{}" y="0" width="{}" height="8"></rect>', drawn
        ),
    )


@register.simple_tag
def hours_chart(hours: Iterable[Any], top: int) -> SafeString:
    """A stacked column for each hour; the same numbers stand in the table beside it."""
    height, width, gap = 100, 30, 6
    columns = []
    for place, hour in enumerate(hours):
        y = float(height)
        for tone, number in (
            ("ok", hour.finished),
            ("warn", hour.busy),
            ("bad", hour.canceled),
            ("mute", hour.other),
        ):
            size = height * number / top
            y -= size
            if number:
                columns.append((tone, place * width + gap / 2, round(y, 1), round(size, 1)))
    rects = format_html_join(
        "", '<rect class="is-{}" x="{}" y="{}" width="24" height="{}"></rect>', columns
    )
    labels = format_html_join(
        "",
        '<text x="{}" y="116" text-anchor="middle">{}</text>',
        ((hour * width + width / 2, hour) for hour in range(0, 24, 2)),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 720 120" aria-hidden="true">{}{}</svg>', rects, labels
    )
