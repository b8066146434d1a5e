"""Removing records: at once when only we have them, else at the service first."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.accounts.services.balance import explained
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import (
    Invalid,
    NotFound,
    NotOffered,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TooFast,
)
from records.models import Record
from records.services.library import TooLate
from records.services.sending import delay_after

logger = logging.getLogger(__name__)

TRIES = 8  # about ten minutes with the doubling pauses


class InUse(Exception):
    """Campaigns that are running play it; ``names`` are theirs."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def remove(record: Record, *, actor: Any, now: datetime) -> None:
    """Take it out of use; what is at the service is removed there in the background.

    Raises InUse while a running campaign plays it, TooLate while it is being sent.
    """
    with transaction.atomic():
        row = Record.objects.select_for_update(of=("self",)).get(pk=record.pk)
        if not row.can_remove:
            raise TooLate
        if names := _running(row):
            raise InUse(names)
        if row.service_id is None:
            row.stage, row.removed_at = Record.Stage.REMOVED, now
        else:
            row.stage, row.due_at, row.tries = Record.Stage.REMOVING, now, 0
        row.error, row.lease = "", ""
        row.save(update_fields=["stage", "removed_at", "due_at", "tries", "error", "lease"])
        AuditEvent.note(actor, "record.removed", row, account=str(row.account))
    if row.stage == Record.Stage.REMOVED:
        _forget_sound(row)


def remove_due(*, now: datetime) -> int:
    """Remove at the service what people have removed here. Returns how many were asked for."""
    due = list(Record.objects.to_remove(now))
    for record in due:
        try:
            _remove(record, now)
        except Exception:  # one bad row must not stop the others
            logger.exception("record %s could not be removed", record.pk)
            _again(record, now, _("Удалить не вышло из-за ошибки на нашей стороне."))
    return len(due)


def _remove(record: Record, now: datetime) -> None:
    """Ask to remove one. A repeat does no harm: the id is the same."""
    if names := _running(record):
        # A campaign was launched at the very moment of the removal.
        return _keep(record, now, _in_use(names))
    assert record.service_id is not None  # noqa: S101 only such records get here
    try:
        client_for(record.account, subject=f"record:{record.pk}").remove_record(record.service_id)
    except (NotFound, NotOffered):
        # It is gone already, or will stay at the service for ever: here it is not wanted.
        return _removed(record, now)
    except (Refused, Invalid, Unreadable) as error:
        if not isinstance(error, TooFast):
            return _keep(record, now, _failed(error))
        return _again(record, now, _failed(error))
    except ProviderError as error:
        return _again(record, now, _failed(error))
    return _removed(record, now)


def _removed(record: Record, now: datetime) -> None:
    if _move(record, stage=Record.Stage.REMOVED, removed_at=now, due_at=None, error=""):
        _forget_sound(record)


def _keep(record: Record, now: datetime, reason: str) -> None:
    """It stays, with the reason; a person may remove it again."""
    ask_at = None if record.is_decided else now
    _move(record, stage=Record.Stage.SENT, due_at=ask_at, error=reason)


def _again(record: Record, now: datetime, reason: str) -> None:
    """Try a few times more, then give it back."""
    if record.tries + 1 >= TRIES:
        return _keep(record, now, reason)
    _move(record, tries=record.tries + 1, due_at=now + delay_after(record.tries), error=reason)
    return None


def _move(record: Record, **fields: Any) -> int:
    return Record.objects.filter(pk=record.pk, stage=Record.Stage.REMOVING).update(**fields)


def _running(record: Record) -> list[str]:
    campaigns: Any = record.campaigns
    return list(campaigns.filter(state="running").values_list("name", flat=True))


def _forget_sound(record: Record) -> None:
    if record.file:
        record.file.delete(save=False)
        Record.objects.filter(pk=record.pk).update(file="")


def _in_use(names: list[str]) -> str:
    return _("Удалять нельзя: ролик играет в обзвоне «%(name)s». Дождитесь его конца.") % {
        "name": names[0]
    }


def _failed(error: ProviderError | Unreadable) -> str:
    reason = (
        _("Сервис звонков не ответил.") if isinstance(error, OutcomeUnknown) else explained(error)
    )
    return _("Удалить не вышло. %(reason)s") % {"reason": reason}
