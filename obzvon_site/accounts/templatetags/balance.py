"""The balance for the top bar of every page: as it is kept, without asking the service."""

from django import template
from django.utils import timezone

from obzvon_site.accounts.services import balance

register = template.Library()


@register.simple_tag
def balance_widget() -> balance.Widget | None:
    return balance.widget(now=timezone.now())
