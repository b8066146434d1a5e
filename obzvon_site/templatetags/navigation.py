"""The sections of the site: what the sidebar shows to whom, and which of them one is in."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

# title of the group → (address, icon, text, permission)
SECTIONS: tuple[tuple[str | Promise, tuple[tuple[str, str, Promise, str], ...]], ...] = (
    (
        "",
        (
            ("calls:overview", "home", _("Обзор"), "calls.view_call"),
            ("calls:journal", "list-details", _("Журнал звонков"), "calls.view_call"),
            ("calls:recordings", "headphones", _("Записи"), "calls.listen_recording"),
            ("calls:call-new", "phone-plus", _("Новый звонок"), "calls.add_campaign"),
            ("calls:campaigns", "speakerphone", _("Обзвоны"), "calls.view_campaign"),
            ("calls:contacts", "id", _("Контакты"), "calls.view_contactlist"),
            ("records:list", "file-music", _("Аудиоролики"), "records.view_record"),
            ("calls:scenarios", "sitemap", _("Сценарии"), "calls.view_scenario"),
            ("calls:doubts", "help", _("Под вопросом"), "calls.change_campaign"),
            ("calls:review", "star", _("Проверка записей"), "calls.review_recording"),
            ("calls:follow-ups", "flag", _("Задачи"), "calls.change_followup"),
            ("calls:blacklist", "ban", _("Чёрный список"), "calls.view_blockedphone"),
        ),
    ),
    (
        _("Настройки"),
        (
            ("accounts:accounts", "key", _("Учётные записи API"), "accounts.view_apiaccount"),
            (
                *("accounts:phones", "phone-outgoing", _("Исходящие номера")),
                "accounts.view_outgoingphone",
            ),
            ("calls:rules", "shield-check", _("Правила звонков"), "calls.view_purposerules"),
            ("accounts:people", "users", _("Люди"), "accounts.view_user"),
            ("accounts:exchanges", "transfer", _("Обмен с API"), "accounts.view_exchange"),
            ("calls:webhooks", "webhook", _("Вебхуки"), "calls.view_webhookevent"),
            ("calls:day-reports", "database", _("Сверка"), "calls.view_dayreport"),
            ("accounts:audit", "history", _("Аудит"), "accounts.view_auditevent"),
            ("accounts:health", "activity", _("Состояние системы"), "accounts.view_apiaccount"),
        ),
    ),
)


@dataclass
class Link:
    """A line of the sidebar."""

    address: str
    icon: str
    text: str | Promise
    is_here: bool = False
    name: str = ""


@register.inclusion_tag("ui/_nav.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """The sections this person may open."""
    request = context["request"]
    groups = []
    for title, sections in SECTIONS:
        links = [
            Link(reverse(name), icon, text, name=name)
            for name, icon, text, permission in sections
            if request.user.has_perm(permission)
        ]
        if links:
            groups.append((title, links))
    mark_here([link for _title, links in groups for link in links], request.path)
    return {"groups": groups, "request": request}


def mark_here(links: list[Link], path: str) -> None:
    """The section with the longest address that ``path`` begins with; the overview only itself."""
    above = [link for link in links if path.startswith(link.address) and link.address != "/"]
    above += [link for link in links if link.address == path]
    if above:
        max(above, key=lambda link: len(link.address)).is_here = True
