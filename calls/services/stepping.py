"""What subscribers answered at steps that report to us, put on the timelines of their calls."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from calls.models import Call, CallEvent, WebhookEvent
from calls.services import bodies, folding, ledger
from calls.services.bodies import Reading
from obzvon_site.provider.replies import StepAnswer

logger = logging.getLogger(__name__)
Found = tuple[Reading, StepAnswer, Call]


def fold(readings: Sequence[Reading], *, now: datetime) -> None:
    """Put the answers on the timelines, of one campaign together. What fails says so.

    Raises what the database raises when it is away or full: then all may be folded again.
    """
    by_campaign: dict[int, list[Found]] = defaultdict(list)
    known = _known(readings)
    for reading in readings:
        if (step := reading.step) is None:
            continue
        call = _find(reading, step, known)
        if call is not None:
            by_campaign[call.campaign_id].append((reading, step, call))
    for campaign_id, found in by_campaign.items():
        try:
            _write(campaign_id, found, now)
        except folding.PASSING:
            raise
        except Exception:
            logger.exception("%d answers at steps failed together", len(found))
            _write_each(campaign_id, found, now)


def _write_each(campaign_id: int, found: Sequence[Found], now: datetime) -> None:
    for pair in found:
        try:
            _write(campaign_id, [pair], now)
        except folding.PASSING:
            raise
        except Exception as error:
            logger.exception("webhook %s failed", pair[0].event.pk)
            pair[0].broken.append(f"the answer could not be kept: {error!r}"[:200])


@transaction.atomic
def _write(campaign_id: int, found: Sequence[Found], now: datetime) -> None:
    ledger.lock([campaign_id])
    pks = [reading.event.pk for reading, _, _ in found]
    # Another worker may have just put them there.
    mine = WebhookEvent.objects.filter(pk__in=pks).exclude(state=WebhookEvent.State.FOLDED)
    left = set(mine.values_list("pk", flat=True))
    there = _there(found)
    lines = []
    for reading, step, call in found:
        line = (call.pk, reading.event.received_at, _details(step))
        if reading.event.pk in left and line not in there:
            lines.append(line)
    CallEvent.objects.bulk_create(
        CallEvent(call_id=pk, kind=CallEvent.Kind.STEP, at=at, details=details)
        for pk, at, details in lines
    )
    Call.objects.filter(pk__in={pk for pk, _, _ in lines}).update(changed_at=now)
    mine.update(state=WebhookEvent.State.FOLDED, problem="", folded_at=now)


def _there(found: Sequence[Found]) -> list[tuple[int, datetime, Any]]:
    """Which of these lines the timelines have already: an event may be folded again."""
    rows = CallEvent.objects.filter(
        call__in={call.pk for _, _, call in found},
        kind=CallEvent.Kind.STEP,
        at__in={reading.event.received_at for reading, _, _ in found},
    )
    return list(rows.values_list("call_id", "at", "details"))


def _details(step: StepAnswer) -> dict[str, Any]:
    return {
        "answer": bodies.cleaned(step.answer),
        "parameters": bodies.cleaned(dict(step.parameters)),
    }


def _known(readings: Sequence[Reading]) -> dict[tuple[int, int | None], Call]:
    ids = {reading.step.order_id for reading in readings if reading.step is not None}
    calls = Call.objects.filter(service_order_id__in=ids - {None}).select_related("campaign")
    return {(call.campaign.account_id, call.service_order_id): call for call in calls}


def _find(
    reading: Reading, step: StepAnswer, known: dict[tuple[int, int | None], Call]
) -> Call | None:
    """By the service's id; older services name the phone alone: then the latest call to it."""
    account, phone = reading.event.account_id, bodies.digits(step.phone)
    if step.order_id is not None:
        call = known.get((account, step.order_id))
    else:
        accepted = Call.objects.filter(campaign__account=account, stage=Call.Stage.ACCEPTED)
        call = accepted.filter(phone=phone).order_by("-pk").first()
    if call is None:
        reading.missing.append((step.order_id, "" if step.order_id else phone))
    return call
