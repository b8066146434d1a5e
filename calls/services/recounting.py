"""A campaign's counters counted anew from its calls, to compare with those kept by increments."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from calls.models import CallEvent, Campaign
from calls.models.campaign import COUNTERS, DEPTHS
from calls.services import counting
from obzvon_site.common.money import summed

Kind = CallEvent.Kind
VARIANT_COLUMNS = ("people", "ended", *DEPTHS)


@dataclass
class Totals:
    """All that is kept beside the calls, without what is nothing."""

    campaign: Counter[str] = field(default_factory=Counter)  # counters, depths, people, retried
    cost: Decimal = Decimal(0)
    variants: Counter[tuple[str, str]] = field(default_factory=Counter)  # (letter, column)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)  # (variant, answers)
    sent: Counter[datetime] = field(default_factory=Counter)  # by minute
    failed: Counter[datetime] = field(default_factory=Counter)  # by minute
    minutes: Counter[str] = field(default_factory=Counter)  # «ended» and «answered» of all
    minutes_cost: Decimal = Decimal(0)


def recount(campaign: Campaign) -> Totals:
    """What the rows of its calls add up to.

    In which minute an end was heard of stands in no call: of those only the sum is compared.
    """
    totals = Totals()
    shift = counting.Shift()
    campaign = Campaign.objects.get(pk=campaign.pk)
    for call in campaign.calls.order_by().iterator():
        call.campaign = campaign
        shift.count(call)
        shift.count_depths(call)
        is_first = call.attempt == 1
        totals.campaign.update(["total", "people" if is_first else "retried"])
        if is_first and call.variant in campaign.letters:
            totals.variants[call.variant, "people"] += 1
        if call.sent_at is not None:
            totals.sent[counting.minute_of(call.sent_at)] += 1
        totals.minutes["ended"] += int(counting.has_ended(call))
    totals.campaign += shift.campaign
    totals.cost = totals.minutes_cost = shift.cost
    totals.answers = +shift.answers
    totals.minutes["answered"] = totals.campaign["answered"]
    for letter, numbers in shift.variants.items():
        totals.variants.update({(letter, name): number for name, number in numbers.items()})
    troubles = CallEvent.objects.filter(call__campaign=campaign).filter(
        Q(kind=Kind.REFUSED) | Q(kind=Kind.UNKNOWN)
    )
    totals.failed.update(map(counting.minute_of, troubles.values_list("at", flat=True)))
    return _without_zeros(totals)


def kept(campaign: Campaign) -> Totals:
    """What is kept of it in the counters, as ``recount`` would give it."""
    campaign.refresh_from_db()
    totals = Totals(cost=campaign.cost)
    names = (*COUNTERS, *DEPTHS, "people", "retried", "total")
    totals.campaign.update({name: getattr(campaign, name) for name in names})
    for variant in campaign.variants.all():
        for name in VARIANT_COLUMNS:
            totals.variants[variant.letter, name] = getattr(variant, name)
    for row in campaign.answer_counts.all():
        totals.answers[row.variant, row.answers] = row.number
    for minute in campaign.minutes.all():
        totals.sent[minute.minute] = minute.sent
        totals.failed[minute.minute] = minute.failed
        totals.minutes.update({"ended": minute.ended, "answered": minute.answered})
    totals.minutes_cost = summed(campaign.minutes.aggregate(sum=Sum("cost"))["sum"])
    return _without_zeros(totals)


def _without_zeros(totals: Totals) -> Totals:
    for name in ("campaign", "variants", "answers", "sent", "failed", "minutes"):
        counter: Counter[object] = getattr(totals, name)
        setattr(totals, name, Counter({key: by for key, by in counter.items() if by}))
    return totals
