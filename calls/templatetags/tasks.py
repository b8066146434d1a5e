"""How many tasks wait for somebody: the number in the sidebar."""

from typing import Any

from django import template

from calls.services import follow_ups

register = template.Library()


@register.simple_tag
def open_tasks(user: Any) -> int:
    return follow_ups.open_of(user).count()
