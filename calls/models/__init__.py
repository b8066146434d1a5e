"""Scenarios, lists, campaigns, orders, calls and what happened to them."""

from calls.models.blacklist import BlockedPhone
from calls.models.call import Call
from calls.models.campaign import Campaign, Variant
from calls.models.channel import Channel
from calls.models.contact import BadRow, Contact, ContactList, ListImport
from calls.models.day_report import DayReport
from calls.models.draft import CampaignDraft, CampaignPreset
from calls.models.event import CallEvent, StrayNews, WebhookEvent
from calls.models.order import Order
from calls.models.recording import Listening, Recording, RecordingShare, Tag, Transcript
from calls.models.review import ChecklistItem, FollowUp, RecordingComment, Review
from calls.models.rules import PurposeRules
from calls.models.scenario import Scenario, ScenarioVersion
from calls.models.tally import AnswerCount, CampaignEvent, CampaignMinute
from calls.models.template import ScenarioTemplate

__all__ = [
    "AnswerCount",
    "BadRow",
    "BlockedPhone",
    "Call",
    "CallEvent",
    "Campaign",
    "CampaignDraft",
    "CampaignEvent",
    "CampaignMinute",
    "CampaignPreset",
    "Channel",
    "ChecklistItem",
    "Contact",
    "ContactList",
    "DayReport",
    "FollowUp",
    "ListImport",
    "Listening",
    "Order",
    "PurposeRules",
    "Recording",
    "RecordingComment",
    "RecordingShare",
    "Review",
    "Scenario",
    "ScenarioTemplate",
    "ScenarioVersion",
    "StrayNews",
    "Tag",
    "Transcript",
    "Variant",
    "WebhookEvent",
]
