"""From the contacts of a launched campaign to its planned calls, a thousand at a time.

Whoever writes a portion first moves the campaign's cursor from where the portion was read, in the
same transaction: a second worker, or one that was killed and came back, moves nothing and writes
nothing. Nobody is asked twice, and a contact that was removed meanwhile is simply not there.
"""

import logging
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Model, QuerySet
from django.utils import timezone

from calls.models import Call, CallEvent, Campaign, Contact, Variant
from calls.models.call import MAY_HAVE_RUNG
from calls.rules.purposes import PRESETS
from calls.rules.texts import Missing, fill, names_in
from calls.rules.zones import UNKNOWN, ZONES
from calls.services import audience, ledger, steering
from calls.services.blocking import blocked_among
from calls.services.outcomes import Clock
from calls.services.permits import harmless, is_harmless
from calls.services.plans import LETTERS
from obzvon_site.provider.limits import LIMITS

logger = logging.getLogger(__name__)

CHUNK = 1000  # contacts in one transaction
PASS = timedelta(seconds=5)  # one pass ends then, and the next tick goes on: others wait
# SQLite has one writer at a time: the others get their turn between two portions.
REST = 0.010


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, as far as a call needs it."""

    pk: int
    phone: str
    name: str
    zone: str
    consent: Any  # its date; None: there is none
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Portion:
    """Contacts sorted: whom to call with what, and how many not to, by reason."""

    calls: list[tuple[str, str, str, str, str]] = field(default_factory=list)  # see VARYING
    set_aside: Counter[str] = field(default_factory=Counter)
    last: int = 0  # the last contact looked at


def prepare_due(*, clock: Clock = timezone.now, rest: float = REST) -> int:
    """Go on with every campaign that is being prepared. Returns how many contacts were seen.

    They take turns, so that a small one does not wait for the end of a million.
    """
    began, seen, broken = clock(), 0, set[int]()
    while clock() - began < PASS:
        waiting = Campaign.objects.to_prepare().exclude(pk__in=broken)
        if not (pks := list(waiting.values_list("pk", flat=True))):
            break
        for pk in pks:
            try:
                seen += prepare_next(pk, now=clock())
            except Exception:
                # One campaign's trouble must not stop the others; the next tick tries again.
                logger.exception("preparing campaign %s failed", pk)
                broken.add(pk)
            if rest and connection.vendor == "sqlite":
                time.sleep(rest)
    return seen


def prepare_next(campaign_id: int, *, now: datetime) -> int:
    """Write the calls of the next contacts of a campaign, or let it run when there are no more.

    Returns how many contacts were looked at.
    """
    waiting = Campaign.objects.to_prepare().select_related("account")
    campaign = waiting.filter(pk=campaign_id).first()
    if campaign is None:
        return 0
    texts = _texts(campaign)
    people = _next_people(campaign, needs_values=any(texts.values()))
    if not people:
        try:
            steering.prepared(campaign, now=now)
        except steering.NotPossible:
            logger.info("campaign %s is no longer being prepared", campaign_id)
        return 0
    portion = _sorted(campaign, texts, people, now)
    with transaction.atomic():
        # Whoever forgets a person looks for his calls under this lock: he finds those written
        # here, or they are not written.
        ledger.lock([campaign_id])
        if _are_there(people) and _claim(campaign, portion, now):
            _write(campaign, portion, now)
            return len(people)
    return 0


def variant_of(campaign_id: int, phone: str) -> str:
    """Which of two messages a person hears: by chance, and always the same."""
    drawn = blake2b(f"{campaign_id}:{phone}".encode(), digest_size=1).digest()
    return LETTERS[drawn[0] & 1]


def _contacts(campaign: Campaign) -> QuerySet[Contact]:
    """Those still to be looked at."""
    return Contact.objects.filter(
        contact_list=campaign.contact_list_id,
        pk__gt=campaign.prepare_cursor,
        pk__lte=campaign.prepare_until,
    )


def _next_people(campaign: Campaign, *, needs_values: bool) -> list[Person]:
    columns = ["pk", "phone", "name", "zone", "consent_on"]
    if needs_values:
        columns.append("variables")
    rows = _contacts(campaign).order_by("pk").values_list(*columns)[:CHUNK]
    return [Person(*row) for row in rows]


def _are_there(people: Sequence[Person]) -> bool:
    """Whether none of them was taken out since they were read; else they are read again."""
    pks = [person.pk for person in people]
    return Contact.objects.filter(pk__in=pks).count() == len(pks)


def _sorted(
    campaign: Campaign, texts: Mapping[str, str], people: Sequence[Person], now: datetime
) -> Portion:
    """Look at each contact again: much may have happened since the launch."""
    phones = [person.phone for person in people]
    blocked = blocked_among(phones, campaign_id=campaign.pk, now=now)
    lately = _called_lately(campaign, phones, now)
    needs_consent, today = _needs_consent(campaign), timezone.localdate(now)
    portion = Portion(last=people[-1].pk)
    for person in people:
        reason, own = "", dict.fromkeys(texts, "")
        if person.phone in blocked:
            reason = audience.BLOCKED
        elif needs_consent and (person.consent is None or person.consent > today):
            reason = audience.NO_CONSENT
        elif person.phone in lately:
            reason = audience.CALLED_LATELY
        else:
            reason, own = _filled(texts, person)
        if reason:
            portion.set_aside[reason] += 1
            continue
        letter = variant_of(campaign.pk, person.phone) if len(texts) > 1 else LETTERS[0]
        # Calls are taken zone by zone: one of a zone that nobody asks for would wait for ever.
        zone = person.zone if person.zone in ZONES else UNKNOWN
        portion.calls.append((person.phone, person.name, zone, letter, own[letter]))
    return portion


def _texts(campaign: Campaign) -> dict[str, str]:
    """The text of each variant that differs from call to call; empty for one that does not."""
    said: dict[str, Campaign | Variant] = {row.letter: row for row in campaign.variants.all()}
    return {
        letter: row.text if row.message == Campaign.Message.TEXT and names_in(row.text) else ""
        for letter, row in (said or {LETTERS[0]: campaign}).items()
    }


def _filled(texts: Mapping[str, str], person: Person) -> tuple[str, dict[str, str]]:
    """Why there is no text for a person, or the texts. Of two that are compared both must do,
    or the groups would not be alike."""
    own = {}
    for letter, text in texts.items():
        try:
            own[letter] = fill(text, person.variables, person.name) if text else ""
        except Missing:
            return audience.NO_VALUE, {}
    if any(len(text) > LIMITS["text"].max for text in own.values()):
        return audience.TOO_LONG, {}
    return "", own


def _called_lately(campaign: Campaign, phones: list[str], now: datetime) -> set[str]:
    since = audience.since(campaign.skip_called_days, now)
    if since is None:
        return set()
    # The stage is looked at here: asked for it, SQLite would read every call there is.
    calls = Call.objects.filter(phone__in=phones, sent_at__gte=since)
    if not is_harmless(campaign):
        calls = calls.exclude(campaign__in=harmless())
    rows = calls.values_list("phone", "stage")
    return {phone for phone, stage in rows if stage in MAY_HAVE_RUNG}


def _needs_consent(campaign: Campaign) -> bool:
    preset = PRESETS.get(campaign.purpose)
    return (preset is None or preset.needs_consent) and not campaign.consent_waiver


def _claim(campaign: Campaign, portion: Portion, now: datetime) -> bool:
    """Move the cursor and the counters. False: somebody else has, or the campaign was stopped."""
    found = Campaign.objects.to_prepare().filter(
        pk=campaign.pk, prepare_cursor=campaign.prepare_cursor
    )
    number = len(portion.calls)
    # What was set aside moves with the cursor only, so that what was read with it still holds.
    return bool(
        found.order_by().update(
            prepare_cursor=portion.last,
            set_aside=dict(Counter(campaign.set_aside) + portion.set_aside),
            people=F("people") + number,
            total=F("total") + number,
            waiting=F("waiting") + number,
            changed_at=now,
        )
    )


VARYING = ("phone", "name", "zone", "variant", "text")


def _write(campaign: Campaign, portion: Portion, now: datetime) -> None:
    """The calls, a line on the timeline of each, and the counters of variants."""
    if not portion.calls:
        return
    before = Call.objects.aggregate(last=Max("pk"))["last"] or 0
    _insert_calls(campaign, portion, now)
    _insert_events(campaign, before, now)
    for letter, number in Counter(row[3] for row in portion.calls).items():
        campaign.variants.filter(letter=letter).update(people=F("people") + number)


def _insert_calls(campaign: Campaign, portion: Portion, now: datetime) -> None:
    """By hand: through the ORM a call of forty columns goes in three times slower."""
    model = Call(
        campaign=campaign, planned_at=campaign.planned_at or now, created_at=now, changed_at=now
    )
    same = _columns(model, without=VARYING)
    into = _into(Call, (*VARYING, *same))
    marks = ", ".join(["%s"] * len(same))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # In one statement: each further one is a way to the server and back.
            arrays = ", ".join(["%s::text[]"] * len(VARYING))
            cursor.execute(
                f"INSERT INTO {into} SELECT given.*, {marks} FROM unnest({arrays}) AS given",  # noqa: S608
                [*same.values(), *map(list, zip(*portion.calls, strict=True))],
            )
        else:
            given = ", ".join(["%s"] * len(VARYING))
            cursor.executemany(
                f"INSERT INTO {into} VALUES ({given}, {marks})",  # noqa: S608
                [(*row, *same.values()) for row in portion.calls],
            )


def _insert_events(campaign: Campaign, before: int, now: datetime) -> None:
    """One for each call of the campaign that is newer than ``before``: those just written, since
    nobody else writes calls of a campaign while it is being prepared."""
    same = _columns(CallEvent(kind=CallEvent.Kind.PLANNED, at=now), without=["call_id"])
    marks = ", ".join(["%s"] * len(same))
    calls = connection.ops.quote_name(Call._meta.db_table)  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_into(CallEvent, ('call_id', *same))} "  # noqa: S608
            f"SELECT id, {marks} FROM {calls} WHERE campaign_id = %s AND id > %s ORDER BY id",
            [*same.values(), campaign.pk, before],
        )


def _columns(row: Model, *, without: Collection[str]) -> dict[str, Any]:
    """Column → value of a row that is not written yet, as the database takes it."""
    return {
        str(field.column): field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in row._meta.concrete_fields  # noqa: SLF001  # documented, in spite of its name
        if not field.primary_key and field.column not in without
    }


def _into(model: type[Model], columns: Iterable[str]) -> str:
    """«table (column, …)» of an INSERT: names of our own, and quoted."""
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    return f"{connection.ops.quote_name(model._meta.db_table)} ({names})"  # noqa: SLF001
