"""Reviewing: whoever reviews a recording holds it for a while, and what is typed is kept at once.

Two managers never get the same recording: it is taken by a conditional UPDATE, and looked at again
when it is ours, since whoever reviewed it meanwhile has committed by then. A draft belongs to one
person and one recording, so it is kept also when the recording is no longer theirs.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from calls.models import ChecklistItem, Recording, RecordingComment, Review
from calls.services import remarks, searching
from calls.services.review_queue import Filters, waiting, wanted, without
from obzvon_site.accounts.models import User

LEASE = timedelta(minutes=10)
BATCH = 20  # looked at together when others are taking too
State = Review.State


class Lost(Exception):
    """The recording is not this person's any more. What was typed is kept as a draft."""

    def __init__(self, holder: User | None, *, is_removed: bool = False) -> None:
        if is_removed:
            said = _("Запись этого звонка удалили.")
        elif holder:
            said = _("Этот звонок сейчас у другого менеджера: %(name)s.") % {"name": holder}
        else:
            said = _("Пока страница молчала, этот звонок проверил кто-то другой.")
        super().__init__(said)


class Conflict(Exception):
    """Another page of the same person has saved meanwhile: ``review`` is what there is now."""

    def __init__(self, review: Review) -> None:
        super().__init__(_("Эту проверку вы уже изменили в другом окне."))
        self.review = review


class NotReady(Exception):
    """Something is missing: a sentence for people."""


@dataclass(frozen=True)
class Typed:
    """What a page holds."""

    mark: int | None = None
    answers: Mapping[str, str] = field(default_factory=dict)  # line of the checklist → yes, no, na


@dataclass(frozen=True)
class Remark:
    """A comment that was typed and not sent: it goes along when the review is done."""

    text: str
    second: Decimal | None = None


@dataclass(frozen=True)
class Saved:
    """The draft as it is kept; ``leased_until`` is None when the recording went to another."""

    review: Review
    leased_until: datetime | None


# Holding


def take_next(
    person: User, filters: Filters, *, now: datetime, besides: Collection[int] = ()
) -> Recording | None:
    """The first of the queue that nobody else is at, held from now on; None: there is none."""
    passed = set(besides)
    held = Recording.objects.filter(leased_by=person, leased_until__gt=now)
    begun = list(held.values_list("pk", flat=True))  # what is held already comes first
    while True:
        free = without(waiting(person, filters), passed).free_for(person, now)
        pks = list(free.filter(pk__in=begun).values_list("pk", flat=True)) if begun else []
        pks, begun = pks or list(free.values_list("pk", flat=True)[:BATCH]), []
        for pk in pks:
            if take(person, pk, now=now, is_second=filters.is_second):
                return Recording.objects.select_related("call").defer("words").get(pk=pk)
        if not pks:
            return None
        passed.update(pks)  # others were faster at all of them


@transaction.atomic
def take(
    person: User, recording_id: int, *, now: datetime, is_second: bool | None = False
) -> datetime | None:
    """Hold a recording: until when, or None when another holds it or it needs no review.

    With ``is_second`` one that others have reviewed; None: either.
    """
    row = Recording.objects.filter(pk=recording_id)
    until = now + LEASE
    if not row.kept().free_for(person, now).update(leased_by=person, leased_until=until):
        return None
    if is_second is not None and not row.filter(wanted(person, is_second)).exists():
        row.update(leased_by=None, leased_until=None)
        return None
    return until


def renew(person: User, recording_id: int, *, now: datetime) -> datetime | None:
    """Hold it longer, also after the time is over if nobody else has taken it meanwhile."""
    until = now + LEASE
    mine = Recording.objects.filter(pk=recording_id, leased_by=person)
    return until if mine.update(leased_until=until) else None


def release(person: User, recording_id: int, until: datetime | None = None) -> bool:
    """Let it go; with ``until`` only if it has not been taken anew since: news come late."""
    mine = Recording.objects.filter(pk=recording_id, leased_by=person)
    if until is not None:
        mine = mine.filter(leased_until=until)
    return bool(mine.update(leased_by=None, leased_until=None))


def holder_of(recording_id: int, *, now: datetime) -> User | None:
    held = Recording.objects.filter(pk=recording_id, leased_until__gt=now)
    row = held.select_related("leased_by").first()
    return row.leased_by if row else None


def lost(recording_id: int, *, now: datetime) -> Lost:
    """Why it is not this person's any more."""
    removed = Recording.objects.filter(pk=recording_id, state=Recording.State.REMOVED)
    return Lost(holder_of(recording_id, now=now), is_removed=removed.exists())


# Writing


@transaction.atomic
def save(person: User, recording_id: int, typed: Typed, *, revision: int, now: datetime) -> Saved:
    """Keep a draft. Raises Conflict when it is not at ``revision`` any more."""
    until = renew(person, recording_id, now=now)
    return Saved(_write(person, recording_id, typed, revision, now), until)


def finish(
    person: User,
    recording_id: int,
    typed: Typed,
    *,
    revision: int,
    now: datetime,
    remark: Remark | None = None,
) -> Review:
    """Done with it. Raises Conflict, NotReady or Lost; the draft is kept with the last two.

    The same again, by a page that did not hear the first answer, changes nothing and says nothing
    twice.
    """
    try:
        saved = save(person, recording_id, typed, revision=revision, now=now)
    except Conflict as conflict:
        if _is_that(conflict.review, typed, revision):
            return conflict.review
        raise
    if typed.mark is None:
        raise NotReady(_("Поставьте оценку от 1 до 5."))
    with transaction.atomic():
        if not release(person, recording_id):
            raise lost(recording_id, now=now)
        mine = Review.objects.filter(pk=saved.review.pk, revision=saved.review.revision)
        if not mine.update(state=State.DONE, ended_at=now, revision=F("revision") + 1):
            raise Conflict(Review.objects.get(pk=saved.review.pk))
        if remark is not None:
            about = Recording.objects.only("pk").get(pk=recording_id)
            remarks.comment(about, remark.text, second=remark.second, author=person, now=now)
    saved.review.refresh_from_db()
    return saved.review


@transaction.atomic
def skip(person: User, recording_id: int, *, reason: str, now: datetime) -> Review:
    """Not this one: it leaves this person's queue. The reason is told beside the recording."""
    release(person, recording_id)
    review, _made = Review.objects.select_for_update().get_or_create(
        recording_id=recording_id, reviewer=person, defaults={"changed_at": now}
    )
    if review.state != State.DRAFT:
        return review
    review.state, review.ended_at, review.revision = State.SKIPPED, now, review.revision + 1
    review.save(update_fields=["state", "ended_at", "revision"])
    if reason:
        RecordingComment.objects.create(
            recording_id=recording_id,
            author=person,
            text=_("Пропущено: %(reason)s") % {"reason": reason},
            created_at=now,
        )
        searching.refresh(recording_id)
    return review


@transaction.atomic
def undo(person: User, recording_id: int, *, now: datetime) -> Review:
    """Back to a draft, and held again. Raises Lost when somebody else is at it."""
    if not take(person, recording_id, now=now, is_second=None):
        raise lost(recording_id, now=now)
    review = Review.objects.select_for_update().get(recording_id=recording_id, reviewer=person)
    if review.state != State.DRAFT:
        review.state, review.ended_at, review.revision = State.DRAFT, None, review.revision + 1
        review.save(update_fields=["state", "ended_at", "revision"])
    return review


def last_of(person: User) -> Review | None:
    """What this person ended last, to go back to: of those that can still be heard."""
    heard = Recording.State.KEPT
    ended = Review.objects.filter(reviewer=person, ended_at__isnull=False, recording__state=heard)
    return ended.order_by("-ended_at", "-pk").first()


def _write(person: User, recording_id: int, typed: Typed, revision: int, now: datetime) -> Review:
    fields = {
        "mark": typed.mark,
        "answers": dict(typed.answers),
        "score": score_of(typed.answers),
        "changed_at": now,
    }
    mine = Review.objects.filter(recording_id=recording_id, reviewer=person)
    if revision == 0:
        review, is_new = mine.get_or_create(
            recording_id=recording_id, reviewer=person, defaults={**fields, "revision": 1}
        )
        if is_new:
            return review
    kept = mine.filter(state=State.DRAFT, revision=revision)
    is_kept = kept.update(**fields, revision=revision + 1)
    review = mine.get()
    if not is_kept:
        raise Conflict(review)
    return review


def _is_that(review: Review, typed: Typed, revision: int) -> bool:
    """Whether it was finished with just this, from this revision."""
    is_next = review.state == State.DONE and review.revision == revision + 2
    return is_next and (review.mark, review.answers) == (typed.mark, dict(typed.answers))


def score_of(answers: Mapping[str, str]) -> int | None:
    """Per cent of the weights of «yes» among «yes» and «no»; None: neither was answered."""
    told = {int(pk): answer for pk, answer in answers.items() if answer in {"yes", "no"}}
    weights = dict(ChecklistItem.objects.filter(pk__in=told).values_list("pk", "weight"))
    total = sum(weights.values())
    good = sum(weight for pk, weight in weights.items() if told[pk] == "yes")
    return round(100 * good / total) if total else None
