"""Records on their way to the service: commit «sending», ask once, write the answer."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

from django.db import DatabaseError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.services.balance import explained
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.client import ProviderClient
from obzvon_site.provider.errors import (
    Invalid,
    NotSent,
    ProviderError,
    Refused,
    TooFast,
    for_people,
)
from obzvon_site.provider.replies import ServiceRecord
from records.models import Record
from records.moderation import ask_again_after, verdict
from records.services import sounds

logger = logging.getLogger(__name__)

# Longer than the client's deadline, so that a living sender never loses its lease.
LEASE = timedelta(seconds=60)
PASS_SECONDS = 20.0  # one pass ends then, and the next tick goes on
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(minutes=5)


def send_due(*, now: datetime) -> int:
    """Send what waits, one by one. Returns how many were asked for."""
    doubt_abandoned(now=now)
    began, sent = time.monotonic(), 0
    for record in list(Record.objects.to_send(now)):
        passed = time.monotonic() - began
        if passed > PASS_SECONDS:
            break
        moment = now + timedelta(seconds=passed)
        if take(record, now=moment):
            _send(record, moment)
            sent += 1
    return sent


def doubt_abandoned(*, now: datetime) -> int:
    """Records whose sender is gone: they may be at the service. Returns how many."""
    return Record.objects.abandoned(now).update(
        stage=Record.Stage.UNKNOWN, error=_in_doubt(), due_at=now, lease_until=None
    )


def take(record: Record, *, now: datetime) -> bool:
    """Become the one who sends it: committed before anything is said to the service."""
    record.lease = get_random_string(32)
    return bool(
        Record.objects.filter(pk=record.pk, stage=Record.Stage.WAITING).update(
            stage=Record.Stage.SENDING,
            lease=record.lease,
            lease_until=now + LEASE,
            sent_at=now,
            tries=record.tries + 1,
        )
    )


def _send(record: Record, now: datetime) -> None:
    """Ask once and write down what came of it."""
    try:
        client = client_for(record.account, subject=f"record:{record.pk}")
        reply = _ask(client, record)
    except (ProviderError, Unreadable, OSError) as error:
        _not_sent(record, error, now)
    except Exception:
        # Ours is the mistake, but the request may have gone out.
        logger.exception("record %s failed", record.pk)
        _write(record, stage=Record.Stage.UNKNOWN, error=_in_doubt(), due_at=now)
    else:
        _accepted(record, reply, now)
        sounds.bring_quietly(record)


def _accepted(record: Record, reply: ServiceRecord, now: datetime) -> None:
    """Keep the service's number and news."""
    fields = news(reply, now=now)
    try:
        with transaction.atomic():
            _write(record, stage=Record.Stage.SENT, **fields, asked_at=now, error="")
    except DatabaseError:
        # Its number belongs to another record of ours: one of the two is not what we think.
        logger.exception("record %s got number %s", record.pk, reply.id)
        reason = _("Сервис дал ролику номер, который уже занят. Проверьте в кабинете сервиса.")
        _write(record, stage=Record.Stage.UNKNOWN, error=reason, due_at=None)


def _ask(client: ProviderClient, record: Record) -> ServiceRecord:
    if record.source == Record.Source.TEXT:
        return client.create_record(record.name, text=record.text, gender=record.gender)
    with record.file.open("rb") as file:
        name = f"record{record.pk}.{record.kind}"
        return client.create_record(record.name, file=cast("BinaryIO", file), file_name=name)


def _not_sent(record: Record, error: Exception, now: datetime) -> None:
    """Decide by the error's class what becomes of the record."""
    match error:
        case Unreadable():
            _write(record, stage=Record.Stage.REFUSED, error=explained(error))
        case OSError():
            logger.error("the file of record %s: %s", record.pk, error)
            reason = _("Файл ролика не читается с диска. Загрузите его ещё раз.")
            _write(record, stage=Record.Stage.REFUSED, error=reason)
        case Invalid():
            _write(record, stage=Record.Stage.REFUSED, error=for_people(error))
        case NotSent():
            _put_back(record, error, now + delay_after(record.tries))
        case TooFast():
            asked = timedelta(seconds=error.retry_after or 0)
            _put_back(record, error, now + max(asked, delay_after(record.tries)))
        case Refused():
            _write(record, stage=Record.Stage.REFUSED, error=for_people(error))
        case _:
            _write(record, stage=Record.Stage.UNKNOWN, error=_in_doubt(), due_at=now)


def _put_back(record: Record, error: ProviderError, due_at: datetime) -> None:
    """Nothing was done at the service: it waits for another try."""
    _write(record, stage=Record.Stage.WAITING, error=for_people(error), due_at=due_at)


def delay_after(tries: int) -> timedelta:
    """The pause after that many tries: 5 s, 10 s, 20 s … 5 min."""
    return min(FIRST_DELAY * int(2 ** min(tries, 10)), LONGEST_DELAY)


def news(reply: ServiceRecord, *, now: datetime) -> dict[str, Any]:
    """What the service says of a record, as fields."""
    decision = verdict(reply)
    is_open = decision in {Record.Moderation.WAITING, Record.Moderation.UNKNOWN}
    return {
        "service_id": reply.id,
        "service_status": reply.status[:40],
        "needs_moderation": reply.needs_moderation,
        "moderator_comment": reply.moderator_comment,
        "service_path": reply.path,
        "moderation": decision,
        "due_at": now + ask_again_after(timedelta()) if is_open else None,
    }


def _write(record: Record, **fields: Any) -> None:
    """End the sending, unless a person has decided otherwise since the lease ran out.

    An answer that is late, but before anybody acted on the doubt, still ends the doubt.
    """
    ours = Record.objects.filter(
        pk=record.pk,
        lease=record.lease,
        stage__in=[Record.Stage.SENDING, Record.Stage.UNKNOWN],
    )
    if not ours.update(**fields, lease_until=None):
        logger.warning("record %s was answered after its lease", record.pk)
    record.refresh_from_db()


def _in_doubt() -> str:
    return _("Ответа не было, ролик мог дойти. Ищем его в списке сервиса.")
