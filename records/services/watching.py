"""Asking the service what it knows: moderation, and records that may or may not have arrived."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import NotOffered, ProviderError
from obzvon_site.provider.replies import ServiceRecord
from records.models import Record
from records.moderation import ask_again_after
from records.services import sounds
from records.services.sending import news

logger = logging.getLogger(__name__)

CLOCKS_APART = timedelta(minutes=2)  # ours and the service's
# How long to look for a record in doubt: the list may lag behind.
LOOK_FOR, LOOK_AGAIN = timedelta(minutes=2), timedelta(seconds=20)


def refresh_due(*, now: datetime) -> int:
    """Ask each account with due questions once. Returns how many accounts were asked.

    One answer tells of all records, so it is used for all of the account.
    """
    accounts = ApiAccount.objects.active().filter(
        pk__in=Record.objects.watched().filter(due_at__lte=now).values("account")
    )
    asked = 0
    for account in accounts:
        try:
            _refresh(account, now)
        except Exception:  # one account's trouble must not stop the others
            logger.exception("records of account %s could not be refreshed", account.pk)
        asked += 1
    return asked


def _refresh(account: ApiAccount, now: datetime) -> None:
    records = list(Record.objects.watched().filter(account=account))
    try:
        replies = client_for(account, subject="records").get_records()
    except NotOffered:
        for record in records:
            _stop_asking(record)
        return
    except (ProviderError, Unreadable) as error:
        logger.warning("records of account %s: %s", account.pk, error)
        for record in records:
            _ask_later(record, now)
        return
    alive = [reply for reply in replies if reply.deleted_at is None]
    by_id = {reply.id: reply for reply in alive}
    for record in records:
        had_path = record.service_path
        if record.stage == Record.Stage.UNKNOWN:
            _look_for(record, alive, now)
        elif record.service_id in by_id:
            _learn(record, by_id[record.service_id], now)
        else:
            _ask_later(record, now, error=_missing())
        record.refresh_from_db()
        if not had_path:
            sounds.bring_quietly(record)


def _learn(record: Record, reply: ServiceRecord, now: datetime) -> None:
    """Keep the service's news, unless the record has been removed meanwhile."""
    fields = news(reply, now=now) | {"asked_at": now}
    if fields["due_at"]:
        fields["due_at"] = _next(record, now)
    if not reply.path:  # a list may leave it out
        del fields["service_path"]
    if record.error == _missing():
        fields["error"] = ""
    rows = Record.objects.filter(pk=record.pk, stage=Record.Stage.SENT)
    rows.filter(service_id=record.service_id).update(**fields)


def _look_for(record: Record, replies: Iterable[ServiceRecord], now: datetime) -> None:
    """End the doubt: it is there once (ours), not there, or a person has to look."""
    found = [reply for reply in replies if _may_be(record, reply)]
    owned = Record.objects.filter(account=record.account_id, service_id__isnull=False)
    known = set(owned.values_list("service_id", flat=True))
    found = [reply for reply in found if reply.id not in known]
    doubtful = Record.objects.filter(pk=record.pk, stage=Record.Stage.UNKNOWN, lease=record.lease)
    if len(found) == 1:
        fields = news(found[0], now=now)
        try:
            with transaction.atomic():
                doubtful.update(stage=Record.Stage.SENT, asked_at=now, error="", **fields)
        except IntegrityError:  # another record has just been given this one
            logger.warning("record %s: %s is taken", record.pk, found[0].id)
    elif found:
        doubtful.update(due_at=None, error=_several())
    elif now - (record.sent_at or record.created_at) < LOOK_FOR:
        doubtful.update(due_at=now + LOOK_AGAIN)
    else:
        doubtful.update(due_at=None, error=_not_there())


def _may_be(record: Record, reply: ServiceRecord) -> bool:
    """Whether ``reply`` can be what we sent: same name, and same text or the right time."""
    if reply.name != record.name:
        return False
    began = (record.sent_at or record.created_at) - CLOCKS_APART
    if reply.created_at is not None:
        return reply.created_at >= began
    return bool(record.text) and reply.text == record.text


def _stop_asking(record: Record) -> None:
    """The service has no list of records: leave it to people."""
    rows = Record.objects.filter(pk=record.pk, stage=record.stage)
    if record.stage == Record.Stage.UNKNOWN:
        rows.update(due_at=None, error=_cannot_look())
    else:
        rows.update(due_at=None)


def _ask_later(record: Record, now: datetime, **fields: str) -> None:
    rows = Record.objects.filter(pk=record.pk, stage=record.stage)
    rows.update(due_at=_next(record, now), **fields)


def _next(record: Record, now: datetime) -> datetime:
    return now + ask_again_after(now - (record.sent_at or record.created_at))


def _missing() -> str:
    return _("В списке сервиса этого ролика нет. Проверьте его в кабинете сервиса.")


def _several() -> str:
    return _(
        "В сервисе несколько роликов с таким названием, и какой из них этот — не понять. "
        "Проверьте в кабинете сервиса или отправьте ещё раз: звонков от этого не будет."
    )


def _not_there() -> str:
    return _("До сервиса ролик не дошёл: в его списке такого нет. Отправьте ещё раз.")


def _cannot_look() -> str:
    return _(
        "Ролик мог дойти, но список роликов сервис не показывает. Проверьте в кабинете сервиса "
        "или отправьте ещё раз: в худшем случае там появится второй такой же, звонков не будет."
    )
