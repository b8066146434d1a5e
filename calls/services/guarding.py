"""The safety net: a campaign that goes badly stops by itself and calls for a person.

Guards look at the latest minutes that hold enough calls, and never at those before the last
resume or the pilot's approval: whoever lets a campaign go on has seen the figures and gives it a
new chance.
"""

import logging
from datetime import datetime
from math import ceil

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from calls.models import Campaign, CampaignEvent, CampaignMinute
from calls.services import ledger, steering
from calls.services.plans import Guards

logger = logging.getLogger(__name__)


def check_due(*, now: datetime) -> int:
    """Hold running campaigns whose guards say so. Returns how many were held."""
    held = 0
    for campaign in _watched():
        try:
            held += _check(campaign, now)
        except Exception:
            # One strange campaign must not leave the others without their guards.
            logger.exception("the guards of campaign %s failed", campaign.pk)
    return held


def _watched() -> QuerySet[Campaign]:
    """Running with guards, and not waiting for a person already."""
    waiting = Campaign.objects.needing_eyes().values("pk")
    return Campaign.objects.running().exclude(guards={}).exclude(pk__in=waiting).order_by("pk")


def _check(campaign: Campaign, now: datetime) -> bool:
    if not alarm(campaign):
        return False
    with transaction.atomic():
        ledger.lock([campaign.pk])
        # As it is now: a person may have paused it and let it go on meanwhile.
        sentence = alarm(Campaign.objects.get(pk=campaign.pk))
        kind = Campaign.Hold.GUARD
        return bool(sentence) and steering.hold(campaign, kind, sentence, now=now)


def alarm(campaign: Campaign) -> str:
    """What is wrong with its latest calls, in a sentence with figures; empty: nothing."""
    guards = Guards(**campaign.guards)
    minutes = _since_last_look(campaign)
    if guards.answered is not None:
        ended, answered = _latest(minutes, "ended", "answered", guards.of)
        if ended and answered * 100 < guards.answered * ended:
            return _(
                "Ответили %(share)d %% из последних %(count)d звонков, порог %(limit)d %%. "
                "Проверьте номер и сообщение."
            ) % {"share": answered * 100 // ended, "count": ended, "limit": guards.answered}
    if guards.errors is not None:
        sent, failed = _latest(minutes, "sent", "failed", guards.of)
        if sent and failed * 100 > guards.errors * sent:
            return _(
                "Ошибок %(share)d %% на последние %(count)d отправленных звонков, порог %(limit)d "
                "%%. Посмотрите причины и продолжите."
            ) % {"share": ceil(failed * 100 / sent), "count": sent, "limit": guards.errors}
    return ""


def _since_last_look(campaign: Campaign) -> QuerySet[CampaignMinute]:
    """Its minutes after a person last let it go on, the latest first; the whole ones only."""
    let_go = (CampaignEvent.Kind.RESUMED, CampaignEvent.Kind.APPROVED)
    looked = CampaignEvent.objects.filter(campaign=campaign, kind__in=let_go)
    at = looked.order_by("-pk").values_list("at", flat=True).first()
    minutes = CampaignMinute.objects.filter(campaign=campaign).order_by("-minute")
    return minutes if at is None else minutes.filter(minute__gte=at)


def _latest(
    minutes: QuerySet[CampaignMinute], whole: str, part: str, enough: int
) -> tuple[int, int]:
    """The sums over the fewest latest minutes with ``enough`` of ``whole``; zeros: not so many."""
    sums = [0, 0]
    for of_minute in minutes.values_list(whole, part).iterator(chunk_size=100):
        sums = [kept + more for kept, more in zip(sums, of_minute, strict=True)]
        if sums[0] >= enough:
            return sums[0], sums[1]
    return 0, 0
