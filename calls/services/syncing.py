"""Asking the service: about calls that have not ended, and about orders in doubt."""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from calls.models import Call, Order
from calls.services import folding, ledger, news
from calls.services.asking import Answer, Question, side_by_side
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common import bulk, stopping
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.replies import ApiCall

logger = logging.getLogger(__name__)

BATCH = 5000  # calls asked about in one request: the service takes no more
PAGES = 4  # requests to an account in one pass
FAILED_ASK = timedelta(seconds=30)
# After a failure calls come back in so many groups, a little apart.
GROUPS, APART = 5, timedelta(seconds=10)
ASK_SOON = timedelta(seconds=5)  # about an order in doubt: it may be in the list any moment
ASK_AGAIN = timedelta(seconds=30)  # later
# An order that this many full listings, over this time, did not show, never arrived.
LISTINGS = 3
LOST_AFTER = timedelta(minutes=5)


def nothing() -> None:
    """What there is to do meanwhile, unless somebody says better."""


def poll_due(*, now: datetime, meanwhile: Callable[[], object] = nothing) -> int:
    """Ask about calls whose time to be asked has come. Returns how many changed.

    An account that was switched off calls no more, but what it has begun is followed to the end.
    ``meanwhile`` is called while those that are asked are silent.
    """
    due = Call.objects.to_ask(now).order_by().values("campaign__account")
    waiting = deque((account, PAGES) for account in ApiAccount.objects.filter(pk__in=due))
    asked: dict[Question, tuple[list[Call], int]] = {}

    def following() -> Question | None:
        while waiting and not stopping.is_asked():
            account, pages = waiting.popleft()
            calls = _take_turn(account, now)
            if (question := _about(account, calls, now)) is not None:
                asked[question] = calls, pages
                return question
        return None

    changed = 0
    for answer in side_by_side(following, meanwhile=meanwhile):
        calls, pages = asked.pop(answer.question)
        if answer.trouble is not None:
            _put_off(answer.question.account, calls, answer.trouble, now)
            continue
        changed += _hear(calls, answer.items, now)
        if len(calls) == BATCH and pages > 1:
            waiting.append((answer.question.account, pages - 1))
    return changed


def _about(account: ApiAccount, calls: Sequence[Call], now: datetime) -> Question | None:
    """The question about these calls. None when there are none, or the key does not open."""
    ids = [call.service_order_id for call in calls if call.service_order_id is not None]
    if not ids:
        return None
    try:
        return Question.to(account, ids, subject="poll")
    except Unreadable as error:
        _put_off(account, calls, error, now)
        return None


def _hear(calls: Sequence[Call], items: Iterable[ApiCall], now: datetime) -> int:
    """Fold what is said of these calls. Returns how many changed."""
    by_id = {call.service_order_id: call for call in calls}
    heard = [(by_id[item.id], news.believed(item, now)) for item in items if item.id in by_id]
    told = folding.fold_all(heard, now=now)
    # A strange answer's call stays due a little later, as it is while we ask.
    known = told.changed | told.failed.keys()
    _ask_later([call for call in calls if call.pk not in known], now)
    return len(told.changed)


def _take_turn(account: ApiAccount, now: datetime) -> list[Call]:
    """Calls to ask about now; whoever else polls meanwhile asks about others.

    Should we die before the answer, they are due again a little later.
    """
    with transaction.atomic():
        due = Call.objects.to_ask(now).filter(campaign__account=account)
        # A campaign is read once, and not beside each of its calls.
        rows = due.prefetch_related("campaign").select_for_update(skip_locked=True, of=("self",))
        calls = list(rows[:BATCH])
        if calls:
            mine = Call.objects.filter(pk__in=bulk.listed_keys(call.pk for call in calls))
            mine.update(sync_at=now + FAILED_ASK)
    return calls


def _put_off(account: ApiAccount, calls: Sequence[Call], trouble: Exception, now: datetime) -> None:
    """Nobody has said anything of these calls: ask again a little later."""
    logger.warning("polling account %s failed: %s", account.pk, trouble)
    _spread(calls, now + FAILED_ASK)


def _spread(calls: Sequence[Call], moment: datetime) -> None:
    """Let calls be due again from ``moment`` on, group after group, not all at once."""
    size = -(-len(calls) // GROUPS)
    # The first group is due at that moment already.
    later = {call: moment + APART * (place // size) for place, call in enumerate(calls)}
    _write_turns({call: at for call, at in later.items() if at > moment})


def _ask_later(calls: Iterable[Call], now: datetime) -> None:
    """Calls with nothing new wait the longer, the longer they have been quiet."""
    _write_turns({call: news.next_ask(call, now) for call in calls})


@transaction.atomic
def _write_turns(turns: Mapping[Call, datetime | None]) -> None:
    """When to ask about calls next. Campaigns are locked first, as by whoever folds their news:
    two who lock many calls, each in an order of his own, would wait for each other."""
    ledger.lock(call.campaign_id for call in turns)
    groups: dict[datetime | None, list[int]] = defaultdict(list)
    for call, moment in turns.items():
        groups[moment].append(call.pk)
    for moment, pks in groups.items():
        Call.objects.filter(pk__in=bulk.listed_keys(pks)).update(sync_at=moment)


def reconcile_due(*, now: datetime, meanwhile: Callable[[], object] = nothing) -> int:
    """Look up orders in doubt in the service's own list. Returns how many calls were found.

    An order is never sent again. What enough full listings do not show is lost, and says so.
    ``meanwhile`` is called while those that are asked are silent.
    """
    orders: dict[int, list[Order]] = defaultdict(list)
    for order in Order.objects.to_ask(now).select_related("campaign"):
        orders[order.campaign.account_id].append(order)
    waiting = deque(ApiAccount.objects.filter(pk__in=orders))

    def following() -> Question | None:
        while waiting and not stopping.is_asked():
            account = waiting.popleft()
            try:
                return Question.to(account, None, subject=orders[account.pk][0].subject)
            except Unreadable as error:
                _ask_again(account, orders[account.pk], error, now)
        return None

    found = 0
    for answer in side_by_side(following, meanwhile=meanwhile):
        account = answer.question.account
        if answer.trouble is not None:
            _ask_again(account, orders[account.pk], answer.trouble, now)
        else:
            found += _reconcile(account, orders[account.pk], answer, now)
    return found


def _ask_again(
    account: ApiAccount, orders: Iterable[Order], trouble: Exception, now: datetime
) -> None:
    logger.warning("reconciling account %s failed: %s", account.pk, trouble)
    pks = [order.pk for order in orders]
    Order.objects.filter(pk__in=pks).update(ask_at=now + ASK_AGAIN)


def _reconcile(account: ApiAccount, orders: Sequence[Order], listed: Answer, now: datetime) -> int:
    since = min(order.sent_at for order in orders) - news.JUMPED
    free = _unclaimed(listed.items, account, since=since)
    found = 0
    for order in orders:
        try:
            found += _match(order, free, now, is_full=not listed.unread)
        except Exception:
            logger.exception("order %s could not be matched", order.pk)
            Order.objects.filter(pk=order.pk).update(ask_at=now + ASK_AGAIN)
    return found


def _unclaimed(
    listed: Iterable[ApiCall], account: ApiAccount, since: datetime
) -> dict[str, list[ApiCall]]:
    """The service's calls by phone, without those that we know to belong to other calls.

    Those whose moment or phone could not be read are among them: they may be anybody's.
    """
    recent = [item for item in listed if item.created_at is None or item.created_at >= since]
    # What is being ordered now may be in the list already and its answer still on the way to us.
    # Read before the known ids: whoever is answered in between is in one of the two.
    sending = Call.objects.filter(campaign__account=account, stage=Call.Stage.SENDING)
    awaited = set(sending.values_list("phone", flat=True))
    known: set[int | None] = set()
    for start in range(0, len(recent), BATCH):
        ids = bulk.listed_keys(item.id for item in recent[start : start + BATCH])
        ours = Call.objects.filter(campaign__account=account, service_order_id__in=ids)
        known.update(ours.values_list("service_order_id", flat=True))
    free: dict[str, list[ApiCall]] = defaultdict(list)
    for item in sorted(recent, key=lambda item: item.id):
        if item.id not in known and item.phone not in awaited:
            free[item.phone].append(item)
    return free


def _match(order: Order, free: dict[str, list[ApiCall]], now: datetime, *, is_full: bool) -> int:
    """Give each call in doubt the first unclaimed entry of its phone from the order's time."""
    found = 0
    with transaction.atomic():
        ledger.lock([order.campaign_id])
        doubtful = order.calls.select_for_update(of=("self",)).filter(stage=Call.Stage.UNKNOWN)
        calls = list(doubtful.select_related("campaign").order_by("pk"))
        for call in calls:
            if (item := _claim(order, free.get(call.phone, []), now)) is not None:
                news.fold(call, news.believed(item, now), now=now)
                found += 1
        rest = [call for call in calls if call.stage == Call.Stage.UNKNOWN]
        _conclude(order, rest, now, is_seen=is_full and not _may_show(order, rest, free))
    return found


def _claim(order: Order, items: list[ApiCall], now: datetime) -> ApiCall | None:
    """Take the first of ``items`` that may be of the order."""
    for margin in (news.CLOCKS, news.JUMPED) if _is_last_look(order, now) else (news.CLOCKS,):
        for item in items:
            if _is_near(order, item, margin):
                items.remove(item)
                return item
    return None


def _is_near(order: Order, item: ApiCall, margin: timedelta) -> bool:
    made = item.created_at
    return made is not None and order.sent_at - margin <= made <= order.lease_until + margin


def _may_show(order: Order, rest: Iterable[Call], free: Mapping[str, list[ApiCall]]) -> bool:
    """Whether one of its calls may stand in the list after all: as an entry of its phone whose
    moment could not be read, or as one of its time whose phone could not."""
    of_phones = (item for call in rest for item in free.get(call.phone, ()))
    return any(item.created_at is None for item in of_phones) or any(
        item.created_at is None or _is_near(order, item, news.JUMPED) for item in free.get("", ())
    )


def _is_last_look(order: Order, now: datetime) -> bool:
    """Whether what is not found now is given up."""
    return order.asked + 1 >= LISTINGS and now - order.sent_at >= LOST_AFTER


def _conclude(order: Order, rest: list[Call], now: datetime, *, is_seen: bool) -> None:
    """Close an order with nothing in doubt, give up one that stayed unseen, or ask again.

    A list of which something could not be read (not ``is_seen``) proves nothing: the doubt stays,
    and is a person's to decide.
    """
    unseen = Order.objects.filter(pk=order.pk, state=Order.State.UNKNOWN)
    asked = order.asked + 1
    if not rest:
        unseen.update(state=Order.State.ANSWERED, ask_at=None)
    elif is_seen and _is_last_look(order, now):
        ledger.move_all(rest, Call.Stage.LOST, now=now, error=LOST)
        unseen.update(state=Order.State.LOST, asked=asked, ask_at=None)
    else:
        again = ASK_SOON if asked < LISTINGS else ASK_AGAIN
        unseen.update(asked=asked if is_seen else order.asked, ask_at=now + again)


LOST = (
    "Сервис о звонке не знает. Скорее всего, его не было; сами мы его не повторим. "
    "Если нужно, позвоните ещё раз."
)
