"""How values look: phone, money, duration, moment, badge, icon."""

from django import template

register = template.Library()
