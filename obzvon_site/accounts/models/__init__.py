"""People, API accounts, their numbers, and what is kept of every exchange."""

from obzvon_site.accounts.models.api_account import ApiAccount, OldWebhookAddress
from obzvon_site.accounts.models.audit import AuditEvent
from obzvon_site.accounts.models.exchange import Exchange
from obzvon_site.accounts.models.heartbeat import Heartbeat
from obzvon_site.accounts.models.outgoing_phone import OutgoingPhone
from obzvon_site.accounts.models.tick import Tick
from obzvon_site.accounts.models.user import User

__all__ = [
    "ApiAccount",
    "AuditEvent",
    "Exchange",
    "Heartbeat",
    "OldWebhookAddress",
    "OutgoingPhone",
    "Tick",
    "User",
]
