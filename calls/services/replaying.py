"""Fold webhooks once more: what came to nothing may come to something now."""

from datetime import datetime
from typing import Any

from django.db import transaction

from calls.models import Call, StrayNews, WebhookEvent
from calls.models.event import WebhookEventQuerySet
from calls.services import bodies, intake
from obzvon_site.accounts.models import AuditEvent

State = WebhookEvent.State
MOST = 10_000  # of one deed; folding goes on in the background


def replay(event: WebhookEvent, *, actor: Any, now: datetime) -> WebhookEvent:
    """Fold one event again at once, and return it as it is now. A folded one changes nothing."""
    if event.state != State.REFUSED:
        StrayNews.objects.filter(event=event).delete()
        WebhookEvent.objects.filter(pk=event.pk).update(state=State.NEW)
        event.refresh_from_db()
        intake.fold([event], now=now)
        event.refresh_from_db()
        AuditEvent.note(actor, "webhook.replayed", event.pk, count=1)
    return event


@transaction.atomic
def replay_all(chosen: WebhookEventQuerySet, *, actor: Any) -> int:
    """Give chosen events back to be folded by the next pass. Returns how many."""
    found = list(chosen.replayable().values_list("pk", flat=True)[:MOST])
    events = WebhookEvent.objects.replayable()
    StrayNews.objects.filter(event__in=found).delete()
    number = events.filter(pk__in=found).update(state=State.NEW)
    if number:
        AuditEvent.note(actor, "webhook.replayed", number, count=number)
    return number


def touched(event: WebhookEvent) -> list[Call]:
    """The calls of its account that an event names."""
    calls = Call.objects.filter(
        campaign__account=event.account_id, service_order_id__in=bodies.ids_in(event)[:200]
    )
    return list(calls.select_related("campaign").order_by("pk"))
