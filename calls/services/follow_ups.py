"""«Needs action»: what an operator is asked to do about a call, by a day."""

from datetime import date, datetime

from django.db.models import QuerySet

from calls.models import FollowUp, Recording
from obzvon_site.accounts.models import User


def ask_for(
    recording: Recording,
    text: str,
    *,
    assignee: User,
    due: date,
    asked_by: User,
    now: datetime,
) -> FollowUp:
    """Hand something over to ``assignee``."""
    return FollowUp.objects.create(
        recording=recording,
        text=text,
        assignee=assignee,
        due=due,
        created_by=asked_by,
        created_at=now,
    )


def done(follow_up_id: int, *, by: User, now: datetime) -> bool:
    """Whether it was open until now."""
    still_open = FollowUp.objects.filter(pk=follow_up_id, done_at__isnull=True)
    return bool(still_open.update(done_at=now, done_by=by))


def reopen(follow_up_id: int) -> bool:
    """Take back «done»."""
    ended = FollowUp.objects.filter(pk=follow_up_id, done_at__isnull=False)
    return bool(ended.update(done_at=None, done_by=None))


def open_of(person: User) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(assignee=person, done_at__isnull=True)
