"""Clocks: leases, hours of calls and the search for doubtful ones depend on them."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from obzvon_site.accounts.models import ApiAccount, Heartbeat
from obzvon_site.doctor.findings import Finding, State, ok
from obzvon_site.provider import sessions

# A lease is a minute, and a sender may ask for half of it.
OURS = (timedelta(seconds=2), timedelta(seconds=15))
# Doubtful calls are found in the service's list within two minutes; its Date has whole seconds.
THEIRS = (timedelta(seconds=15), timedelta(minutes=2))
ASK_SECONDS = 5.0


def clocks(now: datetime) -> Iterator[Finding]:
    """This machine's clock beside the database's, the other machines' and the service's."""
    if not settings.EMBEDDED:
        yield _judged("clock.database", _("базы данных"), _of_database(), OURS)
        yield from _of_workers(now)
    for account in ApiAccount.objects.active():
        if account.is_emulator:
            continue
        skew = of_service(account.base_url)
        if skew is not None:
            whose = _("сервиса звонков «%s»") % account
            yield _judged("clock.service", whose, skew, THEIRS)


def _of_database() -> timedelta:
    began = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    return theirs - _middle(began, timezone.now())


def _of_workers(now: datetime) -> Iterator[Finding]:
    rows = Heartbeat.objects.alive(now).exclude(kept_at=None).order_by("at")
    skews = {row.host: row.at - row.kept_at for row in rows if row.kept_at is not None}
    for host, skew in sorted(skews.items()):
        yield _judged("clock.workers", _("машины %s (рядом с базой)") % host, skew, OURS)


def of_service(url: str, seconds: float = ASK_SECONDS) -> timedelta | None:
    """How far ahead the service's clock is; None: it does not tell. The key is not sent."""
    session = sessions.new_session()
    began = timezone.now()
    try:
        with sessions.watched(seconds):
            answer = session.head(url, timeout=seconds, allow_redirects=False)
        said = answer.headers.get("Date", "")
    except (requests.RequestException, OSError, ValueError):
        return None
    finally:
        session.close()
    with suppress(TypeError, ValueError):
        theirs = parsedate_to_datetime(said)
        # Its second has begun half a second ago, on average.
        theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC) + timedelta(seconds=0.5)
        return theirs - _middle(began, timezone.now())
    return None


def _middle(began: datetime, ended: datetime) -> datetime:
    return began + (ended - began) / 2


def _judged(code: str, whose: str, skew: timedelta, limits: tuple[timedelta, timedelta]) -> Finding:
    off = abs(skew)
    seconds = off.total_seconds()
    if off <= limits[0]:
        return ok(code, _("Часы %(whose)s и наши сходятся.") % {"whose": whose})
    state: State = "bad" if off > limits[1] else "warning"
    said = _("Часы %(whose)s и наши расходятся на %(seconds).0f с.")
    return Finding(
        code,
        state,
        said % {"whose": whose, "seconds": seconds},
        _("Включите синхронизацию времени (chrony или systemd-timesyncd) на машинах."),
    )
