"""Scenarios, campaigns, orders, calls and what happened to them."""

from calls.models.blacklist import BlockedPhone
from calls.models.call import Call
from calls.models.campaign import Campaign
from calls.models.event import CallEvent, WebhookEvent
from calls.models.order import Order
from calls.models.scenario import Scenario, ScenarioVersion
from calls.models.template import ScenarioTemplate

__all__ = [
    "BlockedPhone",
    "Call",
    "CallEvent",
    "Campaign",
    "Order",
    "Scenario",
    "ScenarioTemplate",
    "ScenarioVersion",
    "WebhookEvent",
]
