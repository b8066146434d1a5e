"""What comes by webhook: stored first, folded into calls later, each event once."""

import json
import logging
from datetime import datetime
from uuid import UUID

from django.db import transaction

from calls.models import Call, CallEvent, Order, WebhookEvent
from calls.services import ledger, syncing
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.phones import normalise
from obzvon_site.provider.replies import (
    ApiCall,
    StepAnswer,
    read_status_webhook,
    read_step_webhook,
)

logger = logging.getLogger(__name__)

BATCH = 200
State = WebhookEvent.State


def store(
    account: ApiAccount, kind: str, body: bytes, *, order_token: UUID | None, now: datetime
) -> WebhookEvent:
    """Keep a webhook exactly as it came. Only after this may it be answered 200."""
    # PostgreSQL keeps no zero bytes in text; nothing that we read has any.
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return WebhookEvent.objects.create(
        account=account, kind=kind, body=text, order_token=order_token, received_at=now
    )


def fold_due(*, now: datetime) -> int:
    """Fold stored events, oldest first; a bad one stops no other. Returns how many were read."""
    events = list(WebhookEvent.objects.to_fold(now).select_related("account")[:BATCH])
    for event in events:
        try:
            state, problem = _fold(event, now)
        except ValueError as error:
            state, problem = State.BROKEN, str(error)
        except Exception:
            logger.exception("webhook %s failed", event.pk)
            state, problem = State.BROKEN, "the event could not be folded, see the log"
        WebhookEvent.objects.filter(pk=event.pk).update(
            state=state, problem=problem[:500], folded_at=now
        )
    return len(events)


def _fold(event: WebhookEvent, now: datetime) -> tuple[str, str]:
    body = json.loads(event.body)
    if event.kind == WebhookEvent.Kind.STEP:
        return _fold_step(event, read_step_webhook(body), now)
    unknown = [item.id for item in read_status_webhook(body) if not _fold_status(event, item, now)]
    if unknown:
        return State.UNMATCHED, f"apiCalls {', '.join(map(str, unknown))}"
    return State.FOLDED, ""


def _fold_status(event: WebhookEvent, item: ApiCall, now: datetime) -> bool:
    """Fold one apiCall. False when it belongs to no call of ours."""
    call = _find(event, item)
    if call is None:
        return False
    try:
        syncing.fold(call, item, now=now)
    except ledger.Stale:
        return False
    if call.order is not None and call.order.state == Order.State.UNKNOWN:
        _close_doubt(call.order)
    return True


def _find(event: WebhookEvent, item: ApiCall) -> Call | None:
    """By the service's id; else, while the order's answer is missing, by its address and phone."""
    ours = Call.objects.filter(campaign__account=event.account).select_related("campaign", "order")
    if found := ours.filter(service_order_id=item.id).first():
        return found
    if event.order_token is None:
        return None
    return ours.filter(
        order__token=event.order_token,
        phone=_digits(item.phone),
        service_order_id=None,
        stage__in=[Call.Stage.SENDING, Call.Stage.UNKNOWN, Call.Stage.LOST],
    ).first()


def _close_doubt(order: Order) -> None:
    """An order none of whose calls is in doubt any more needs no more asking."""
    if not order.calls.filter(stage=Call.Stage.UNKNOWN).exists():
        Order.objects.filter(pk=order.pk, state=Order.State.UNKNOWN).update(
            state=Order.State.ANSWERED, ask_at=None
        )


def _fold_step(event: WebhookEvent, answer: StepAnswer, now: datetime) -> tuple[str, str]:
    """Put what the subscriber answered on the call's timeline."""
    call = _find_step(event.account, answer)
    if call is None:
        return State.UNMATCHED, f"phone {answer.phone}"
    details = {"answer": answer.answer, "parameters": dict(answer.parameters)}
    with transaction.atomic():
        ledger.lock([call.campaign_id])
        mine = WebhookEvent.objects.filter(pk=event.pk, state=event.state)
        if not mine.update(state=State.FOLDED):
            return State.FOLDED, ""  # another worker has just put it there
        CallEvent.objects.create(
            call=call, kind=CallEvent.Kind.STEP, at=event.received_at, details=details
        )
        Call.objects.filter(pk=call.pk).update(changed_at=now)
    return State.FOLDED, ""


def _find_step(account: ApiAccount, answer: StepAnswer) -> Call | None:
    ours = Call.objects.filter(campaign__account=account)
    if answer.order_id is not None:
        return ours.filter(service_order_id=answer.order_id).first()
    # Older services name the phone alone: then it is the latest call to it.
    phone = _digits(answer.phone)
    return ours.filter(phone=phone, stage=Call.Stage.ACCEPTED).order_by("-pk").first()


def _digits(phone: str) -> str:
    try:
        return normalise(phone)
    except ValueError:
        return phone
