"""How long recordings are kept, what they take, and how they go.

The row says first that a recording is removed, then its file is deleted: whenever a worker dies
in between, the next run finds the row and deletes the file.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from calls.models import Call, FollowUp, Recording, Transcript
from calls.models.recording import recordings_storage
from calls.services import listening, parts, searching
from obzvon_site.accounts.models import ApiAccount, AuditEvent, User

logger = logging.getLogger(__name__)

PORTION = 200  # recordings in one transaction, so that nobody waits long for the database
ABANDONED = timedelta(days=2)  # a part or a file that no row knows after so long is nobody's
State = Recording.State


@dataclass(frozen=True)
class Amount:
    """So many recordings, and what they take."""

    count: int
    size: int  # bytes
    oldest: datetime | None = None


@dataclass(frozen=True)
class Usage:
    """What the recordings of one account take."""

    account: ApiAccount
    kept: Amount


def usage() -> list[Usage]:
    """Every account, also those without recordings."""
    rows = Recording.objects.kept().order_by().values("account")
    counted = rows.annotate(number=Count("pk"), total=Sum("size"), oldest=Min("at"))
    found = {row["account"]: Amount(row["number"], row["total"], row["oldest"]) for row in counted}
    return [
        Usage(account, found.get(account.pk, Amount(0, 0)))
        for account in ApiAccount.objects.order_by("name")
    ]


def limit_of(days: int, now: datetime) -> datetime:
    """Recordings before this moment are too old."""
    return now - timedelta(days=days)


def foresee(account: ApiAccount, days: int, *, now: datetime) -> Amount:
    """What the next run would delete."""
    doomed = _doomed(account, days, now)
    row = doomed.aggregate(number=Count("pk"), total=Sum("size"), oldest=Min("at"))
    return Amount(row["number"], row["total"] or 0, row["oldest"])


def set_days(account: ApiAccount, days: int | None, *, actor: User) -> None:
    """Keep recordings of the account so many days; None: for ever."""
    with transaction.atomic():
        before = ApiAccount.objects.select_for_update().get(pk=account.pk).recording_days
        if before == days:
            return
        ApiAccount.objects.filter(pk=account.pk).update(recording_days=days)
        AuditEvent.note(
            actor,
            "recording.retention_changed",
            account.name,
            before=before or "",
            after=days or "",
        )


def remove_due(*, now: datetime) -> int:
    """Delete what is too old, and what earlier runs and dead workers left. Returns how many."""
    removed = 0
    for account in ApiAccount.objects.exclude(recording_days=None):
        count = size = 0
        while found := _mark_old(account, now):
            count, size = count + len(found), size + sum(row.size for row in found)
            _delete_files(Recording.objects.filter(pk__in=[row.pk for row in found]))
        if count:
            AuditEvent.note(None, "recordings.removed", account.name, count=count, size=size)
        removed += count
    _delete_files(Recording.objects.all())
    _delete_abandoned(recordings_storage(), now)
    parts.forget(now - ABANDONED)
    listening.forget(now)
    return removed


def remove(recording: Recording, *, actor: User, now: datetime) -> bool:
    """Delete one recording at a person's wish. Whether it was there."""
    with transaction.atomic():
        rows = Recording.objects.kept().select_for_update(of=("self",), no_key=True)
        found = rows.select_related("call", "campaign").filter(pk=recording.pk).first()
        if found is None:
            return False
        size = found.size
        _mark([found], now)
        listening.tell(actor, "recording.removed", found, size=size)
    _delete_files(Recording.objects.filter(pk=recording.pk))
    return True


def _doomed(account: ApiAccount, days: int, now: datetime) -> QuerySet[Recording]:
    """Too old, and nobody is busy with them: no open task, nobody reviews them just now."""
    tasks = FollowUp.objects.filter(recording=OuterRef("pk"), done_at=None)
    return (
        Recording.objects.kept()
        .filter(account=account, at__lt=limit_of(days, now))
        .filter(Q(leased_until=None) | Q(leased_until__lte=now))
        .filter(~Exists(tasks))
    )


@transaction.atomic
def _mark_old(account: ApiAccount, now: datetime) -> list[Recording]:
    """The next portion of what is too old, marked as removed."""
    days = ApiAccount.objects.values_list("recording_days", flat=True).get(pk=account.pk)
    if days is None:  # somebody has changed the mind meanwhile
        return []
    rows = _doomed(account, days, now).order_by("at").defer("words", "peaks")
    found = list(rows.select_for_update(of=("self",), no_key=True)[:PORTION])
    _mark(found, now)
    return found


def _mark(found: list[Recording], now: datetime) -> None:
    """The rows say that they are removed; the files are still there."""
    pks = [row.pk for row in found]
    Recording.objects.filter(pk__in=pks).update(
        state=State.REMOVED, removed_at=now, peaks=None, size=0, leased_by=None, leased_until=None
    )
    calls = [row.call_id for row in found]
    Call.objects.filter(pk__in=calls).update(has_recording=False, recording_at=None, changed_at=now)
    Transcript.objects.filter(recording__in=pks).delete()
    for pk in pks:
        searching.refresh(pk)


def _delete_files(rows: QuerySet[Recording]) -> None:
    """Delete the files of removed recordings; one that does not go is tried again next time."""
    left = rows.filter(state=State.REMOVED).exclude(file="").only("file", "state")
    for row in list(left.order_by("pk")):
        try:
            row.file.storage.delete(str(row.file.name))
        except Exception:  # a bucket's library has errors of its own
            logger.exception("the file of recording %s could not be deleted", row.pk)
            continue
        Recording.objects.filter(pk=row.pk, state=State.REMOVED).update(file="")


def _delete_abandoned(storage: Storage, now: datetime) -> None:
    """Files of this month and the last that were written by a worker that died before its row."""
    months = {moment.strftime("%Y/%m") for moment in _days_around(now)}
    for month in sorted(months):
        folder = f"recordings/{month}"
        try:
            _folders, names = storage.listdir(folder)
            for name in _unknown(folder, names):
                if storage.get_modified_time(name) < now - ABANDONED:
                    storage.delete(name)
        except FileNotFoundError:
            continue
        except Exception:  # a bucket's library has errors of its own
            logger.exception("%s could not be looked through", folder)


def _days_around(now: datetime) -> list[datetime]:
    return [timezone.localtime(now - timedelta(days=days)) for days in (0, 28)]


def _unknown(folder: str, names: list[str]) -> Iterator[str]:
    """Those of the files that no recording has. A file's name begins with its call's number."""
    for start in range(0, len(names), PORTION):
        portion = names[start : start + PORTION]
        numbers = {int(match[0]) for name in portion if (match := re.match(r"\d{1,18}", name))}
        rows = Recording.objects.filter(call_id__in=numbers)
        known = set(rows.values_list("file", flat=True))
        yield from (path for name in portion if (path := f"{folder}/{name}") not in known)
