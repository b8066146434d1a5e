"""Which recordings wait to be reviewed: by whom, of what, and in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat

from calls.models import Call, Recording, Review
from calls.models.recording import RecordingQuerySet
from obzvon_site.accounts.models import User

ALL = 100  # per cent
# Of a row in the list: whole ones have all that was said, and a campaign's JSON.
SHOWN = (
    *("at", "seconds", "leased_until", "call__phone", "campaign__name"),
    *(f"leased_by__{name}" for name in ("username", "first_name", "last_name")),
)


@dataclass(frozen=True)
class Filters:
    """What a manager wants to hear. What is empty narrows nothing."""

    campaign: int | None = None
    outcome: str = ""  # a ``Call.Result``, or «manager»: one was connected
    answered: str = ""  # yes, no
    answer: str = ""  # a key or a word, at any menu
    longer: int | None = None  # seconds
    shorter: int | None = None
    operator: int | None = None  # who launched
    manager_phone: str = ""  # any run of its digits
    since: datetime | None = None
    until: datetime | None = None
    sample: int = ALL
    seed: int = 1
    is_second: bool = False  # what others have reviewed, and this person has not
    is_oldest_first: bool = False


def waiting(person: User, filters: Filters) -> RecordingQuerySet:
    """What this person may still review, in order; also what others are at just now."""
    rows = _narrowed(Recording.objects.kept(), filters).filter(wanted(person, filters.is_second))
    return rows.order_by(*(("at", "id") if filters.is_oldest_first else ("-at", "-id")))


def wanted(person: User, is_second: bool) -> Q:
    """Not reviewed by anybody; or reviewed by somebody else, and not by this person."""
    reviews = Review.objects.filter(recording=OuterRef("pk"))
    done = reviews.filter(state=Review.State.DONE)
    mine = reviews.filter(reviewer=person).exclude(state=Review.State.DRAFT)
    others = Q(Exists(done.exclude(reviewer=person)))
    return ~Q(Exists(mine)) & (others if is_second else ~others)


def _narrowed(rows: RecordingQuerySet, filters: Filters) -> RecordingQuerySet:
    if filters.campaign:
        rows = rows.filter(campaign=filters.campaign)
    if filters.operator:
        rows = rows.filter(campaign__created_by=filters.operator)
    if filters.manager_phone:
        rows = rows.filter(manager_phone__contains=filters.manager_phone)
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.until:
        rows = rows.filter(at__lt=filters.until)
    if filters.longer is not None:
        rows = rows.filter(seconds__gte=filters.longer)
    if filters.shorter is not None:
        rows = rows.filter(seconds__lte=filters.shorter)
    if filters.outcome or filters.answered or filters.answer:
        rows = rows.filter(_of_call(filters))
    return sampled(rows, filters.sample, filters.seed)


def _of_call(filters: Filters) -> Q:
    wanted_call = Q()
    silent = Q(call__ivr_answers="", call__ivr_digit="")
    if filters.outcome == "manager":
        wanted_call &= Q(call__manager_answered_at__isnull=False)
    elif filters.outcome in Call.Result.values:
        wanted_call &= Q(call__result=filters.outcome)
    if filters.answered:
        wanted_call &= silent if filters.answered == "no" else ~silent
    if filters.answer:
        told = Q(call__ivr_answers__contains=f"|{filters.answer}|")
        wanted_call &= told | Q(call__ivr_answers="", call__ivr_digit=filters.answer)
    return wanted_call


def sampled(rows: RecordingQuerySet, percent: int, seed: int) -> RecordingQuerySet:
    """So many of a hundred, always the same ones for a seed: a hash of the number decides.

    Those of a smaller sample are in every larger one.
    """
    if percent >= ALL:
        return rows
    bound = f"{(percent << 32) // ALL:08x}"
    text = Concat(Cast("pk", CharField()), Value(f":{seed}"), output_field=CharField())
    return rows.annotate(lot=MD5(text)).filter(lot__lt=bound)


def shown(person: User, filters: Filters, *, number: int) -> "QuerySet[Recording]":
    """The head of the queue as a list shows it."""
    rows = waiting(person, filters).select_related("call", "campaign", "leased_by")
    return rows.only(*SHOWN)[:number]


def without(rows: RecordingQuerySet, pks: Iterable[int]) -> RecordingQuerySet:
    return rows.exclude(pk__in=list(pks))
