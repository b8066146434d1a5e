"""For rows from before campaigns were counted by increments: what would have been counted."""

from collections import Counter, defaultdict
from decimal import Decimal

from django.db import migrations
from django.db.models import Count, F, OuterRef, Subquery

FINAL = ("finished", "busy", "canceled")
DEPTHS = ("answered", "listened", "keyed", "connected")
EARLY_SECONDS = 5
BATCH = 1000


def count_old(apps, schema_editor):
    """Bring old campaigns to what they would be had they been counted from the beginning."""
    campaigns, calls = apps.get_model("calls", "Campaign"), apps.get_model("calls", "Call")
    orders = apps.get_model("calls", "Order")
    campaigns.objects.filter(people=0, retried=0).update(people=F("total"))
    campaigns.objects.exclude(hold_reason="").filter(hold_kind="").update(hold_kind="service")
    of_order = calls.objects.filter(order=OuterRef("pk")).order_by().values("order")
    size = of_order.annotate(number=Count("pk")).values("number")
    orders.objects.filter(size=0, calls__isnull=False).update(size=Subquery(size))
    sent = orders.objects.filter(pk=OuterRef("order")).values("sent_at")
    gone = calls.objects.filter(sent_at=None, order__isnull=False).exclude(stage="planned")
    gone.update(sent_at=Subquery(sent))
    for campaign in campaigns.objects.order_by("pk").iterator():
        count_campaign(apps, campaign)


def count_campaign(apps, campaign):
    minutes, answers = defaultdict(Counter), Counter()
    costs, depths, results = defaultdict(Decimal), Counter(), defaultdict(list)
    has_keys = bool(campaign.payload.get("ivrs"))
    rows = apps.get_model("calls", "Call").objects.filter(campaign=campaign).order_by()
    for call in rows.iterator():
        if call.sent_at is not None:
            minutes[minute_of(call.sent_at)]["sent"] += 1
        if call.stage != "accepted" or call.status not in FINAL:
            continue
        went = depths_of(call)
        depths.update(went)
        results[result_of(call, has_keys)].append(call.pk)
        if call.ivr_answers:
            answers[call.variant, call.ivr_answers[:200]] += 1
        heard = minute_of(call.finished_at or call.changed_at)
        minutes[heard].update({"ended": 1, "answered": int("answered" in went)})
        costs[heard] += call.cost or 0
    events = apps.get_model("calls", "CallEvent").objects.filter(call__campaign=campaign)
    for at in events.filter(kind__in=["refused", "unknown"]).values_list("at", flat=True):
        minutes[minute_of(at)]["failed"] += 1
    for result, pks in results.items():
        for start in range(0, len(pks), BATCH):
            rows.filter(pk__in=pks[start : start + BATCH]).update(result=result)
    if depths:
        type(campaign).objects.filter(pk=campaign.pk).update(**depths)
    keep(apps, campaign, minutes, costs, answers)


def keep(apps, campaign, minutes, costs, answers):
    tally, answer = apps.get_model("calls", "CampaignMinute"), apps.get_model("calls", "AnswerCount")
    tally.objects.bulk_create(
        (
            tally(campaign=campaign, minute=minute, cost=costs.get(minute, 0), **numbers)
            for minute, numbers in minutes.items()
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
    answer.objects.bulk_create(
        (
            answer(campaign=campaign, variant=letter, answers=said, number=number)
            for (letter, said), number in answers.items()
        ),
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def minute_of(moment):
    return moment.replace(second=0, microsecond=0)


def talk_of(call):
    if call.answered_at is None or call.finished_at is None:
        return None
    return max(0, int((call.finished_at - call.answered_at).total_seconds()))


def depths_of(call):
    """How long an old message was nobody has kept: whoever took the call has listened."""
    went = {
        "answered": call.answered_at is not None,
        "listened": call.answered_at is not None,
        "keyed": bool(call.ivr_answers or call.ivr_digit),
        "connected": call.manager_answered_at is not None,
    }
    return {name: 1 for name in DEPTHS if went[name]}


def result_of(call, has_keys):
    if call.ivr_answers or call.ivr_digit:
        return "reached"
    if call.status == "busy":
        return "busy"
    talk = talk_of(call)
    if talk is None:
        return "no_answer"
    if talk < EARLY_SECONDS:
        return "early"
    return "no_key" if has_keys else "reached"


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_campaigns")]
    operations = [migrations.RunPython(count_old, migrations.RunPython.noop)]
