"""How a campaign looks: its state, its money, its columns over time, a bar of a share."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from obzvon_site.common import money as money_texts
from obzvon_site.templatetags.obz import badge

register = template.Library()

# state of a campaign: tone and word
STATES = {
    "preparing": ("info", gettext_lazy("Готовится")),
    "running": ("live", gettext_lazy("Идёт")),
    "paused": ("warn", gettext_lazy("Пауза")),
    "stopped": ("neutral", gettext_lazy("Остановлен")),
    "done": ("ok", gettext_lazy("Завершён")),
}
HEIGHT, WIDTH = 100, 720  # of a chart
GAP, WIDEST = 0.2, 48  # the gap is a part of a column's place; a lone column is no wall
UNITS = 1000  # across a bar


@register.simple_tag
def campaign_badge(campaign: Any) -> SafeString:
    """The badge of a campaign's state; one that is held waits, and what was stopped stays so."""
    if campaign.state == "done" and getattr(campaign, "was_stopped", False):
        return badge(*STATES["stopped"])
    if campaign.state == "running" and campaign.is_held:
        return badge("warn", _("Ждёт"))
    return badge(*STATES[campaign.state])


@register.filter
def percent(share: float) -> str:
    """``31 %`` of 0.31; a tenth where whole ones would hide it."""
    value = 100 * share
    digits = 1 if 0 < value < 10 and round(value, 1) != round(value) else 0
    return f"{number_format(round(value, digits), digits)}{money_texts.NBSP}%"


@register.filter
def at_time(moment: datetime) -> str:
    """«в 15:20» of today, «завтра в 11:20», «25 ноября в 10:00»."""
    return _spoken(moment, _("в %(time)s"), _("завтра в %(time)s"), _("%(day)s в %(time)s"))


@register.filter
def about_time(moment: datetime) -> str:
    """The same for what nobody knows to the minute: «около 18:40»."""
    said = _("около %(time)s"), _("завтра около %(time)s"), _("%(day)s около %(time)s")
    return _spoken(moment, *said)


def _spoken(moment: datetime, today: str, tomorrow: str, later: str) -> str:
    local = timezone.localtime(moment)
    days = (local.date() - timezone.localdate()).days
    said = {0: today, 1: tomorrow}.get(days, later)
    return said % {
        "time": date_format(local, "H:i"),
        "day": date_format(local, pgettext("day and month", "j E")),
    }


@register.simple_tag
def share_bar(width: int, tone: str = "info") -> SafeString:
    """A bar of ``width`` thousandths; the number stands beside it."""
    return format_html(
        '<svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="is-{}" x="0" y="0" width="{}" height="8"></rect></svg>',
        tone,
        width,
    )


@register.simple_tag
def interval_bar(share: Any) -> SafeString:
    """Where a share lies, and within what bounds surely; the numbers stand beside it."""
    low, high = (round(UNITS * bound) for bound in share.interval)
    return format_html(
        '<svg class="interval" viewBox="0 0 1000 12" preserveAspectRatio="none"'
        ' aria-hidden="true"><rect class="is-track" x="0" y="5" width="1000" height="2"></rect>'
        '<rect class="is-sure" x="{}" y="3" width="{}" height="6"></rect>'
        '<rect class="is-at" x="{}" y="0" width="6" height="12"></rect></svg>',
        low,
        max(high - low, 4),
        min(UNITS - 6, max(0, round(UNITS * share.value) - 3)),
    )


@register.simple_tag
def money_bar(money: Any) -> SafeString:
    """The cost on a scale with the forecast behind it and the budget as a mark."""
    scale = UNITS / money.top
    parts = []
    if money.high is not None:
        low = money.low or Decimal(0)
        parts.append(("forecast", low * scale, max((money.high - low) * scale, Decimal(4))))
    parts.append(("bad" if money.is_over else "info", Decimal(0), money.cost * scale))
    if money.budget is not None:
        parts.append(("mark", min(money.budget * scale, Decimal(UNITS - 6)), Decimal(6)))
    rects = format_html_join(
        "",
        '<rect class="is-{}" x="{}" y="0" width="{}" height="8"></rect>',
        ((tone, round(x, 1), round(width, 1)) for tone, x, width in parts),
    )
    return format_html(
        '<svg class="progress" viewBox="0 0 1000 8" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>',
        _("Потрачено %(cost)s") % {"cost": money_texts.shown(money.cost)},
        rects,
    )


@register.simple_tag
def columns_chart(chart: Any) -> SafeString:
    """Stacked columns over time, each told on pointing; the same numbers stand in a table."""
    top, step = max(chart.top, 1), WIDTH / max(len(chart.columns), 1)
    width = min(step * (1 - GAP), WIDEST)
    groups, ticks = [], []
    for place, column in enumerate(chart.columns):
        x = place * step
        said = f"{date_format(column.at, chart.format)} · {column.total}"
        rects = _stack(column.parts, top, x + (step - width) / 2, width)
        groups.append((said, rects))
        if column.tick:
            ticks.append((round(x + step / 2, 1), column.tick))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} 124" aria-hidden="true">'
        '<line x1="0" y1="100" x2="{}" y2="100"></line>{}{}</svg>',
        WIDTH,
        WIDTH,
        format_html_join("", "<g><title>{}</title>{}</g>", groups),
        format_html_join("", '<text x="{}" y="120" text-anchor="middle">{}</text>', ticks),
    )


def _stack(parts: Sequence[tuple[str, int]], top: int, x: float, width: float) -> SafeString:
    """The rectangles of one column, from the bottom up."""
    y, drawn = float(HEIGHT), []
    for tone, number in parts:
        size = HEIGHT * number / top
        y -= size
        if number:
            # Short numbers: a report is asked for again and again.
            drawn.append((tone, round(x), f"{y:.1f}", round(width), f"{size:.1f}"))
    pattern = '<rect class="is-{}" x="{}" y="{}" width="{}" height="{}"></rect>'
    return format_html_join("", pattern, drawn)
