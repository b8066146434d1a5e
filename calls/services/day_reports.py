"""Each night: a whole day of an account compared with the service's own list.

What the service knows better (an end nobody told us of, a cost) is folded in first; what still
differs after that is written down for people. Nothing here calls anybody.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, DayReport, Order
from calls.services import folding, news
from calls.services.news import CLOCKS
from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount, AuditEvent, User
from obzvon_site.common.money import KOPECK
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import ProviderError, for_people
from obzvon_site.provider.replies import ApiCall

logger = logging.getLogger(__name__)

HOUR = 4  # of the installation's clock: by then the day's last calls have ended
AGAIN = timedelta(hours=1)  # after a try that failed
GIVEN_UP = timedelta(days=7)  # a day that failed so long is not tried again by itself
MOST_KEPT = 1000  # differences
BATCH = 500  # ids in one question to the database
State = DayReport.State


def ask(account: ApiAccount, day: date, *, actor: User | None) -> DayReport:
    """Have a day compared (again) at the next tick."""
    report, _is_new = DayReport.objects.update_or_create(
        account=account, day=day, defaults={"state": State.ASKED, "error": "", "made_at": None}
    )
    AuditEvent.note(actor, "day_report.asked", account, day=str(day))
    return report


def make_due(*, now: datetime) -> int:
    """Compare what is asked for, and yesterday when its time has come. Returns how many."""
    local = timezone.localtime(now)
    if local.hour >= HOUR:
        for day in _nights(local.date()):
            _plan(day)
    late = Q(state=State.FAILED, made_at__lt=now - AGAIN, day__gte=local.date() - GIVEN_UP)
    due = DayReport.objects.filter(Q(state=State.ASKED) | late).order_by("day", "pk")
    reports = list(due.select_related("account"))
    for report in reports:
        make(report, now=now)
    return len(reports)


def _nights(today: date) -> Iterable[date]:
    """Yesterday, and the days before it of whose nights nobody was here."""
    yesterday, first = today - timedelta(days=1), today - GIVEN_UP
    last = DayReport.objects.filter(day__lt=yesterday).aggregate(Max("day"))["day__max"]
    # The last one again: whoever planned it may have been killed between two accounts.
    first = max(first, last) if last else first
    return [first + timedelta(days=after) for after in range((yesterday - first).days + 1)]


def _plan(day: date) -> None:
    """A report of ``day`` for each account that has called on it and has none."""
    start, end = _bounds(day)
    called = Order.objects.filter(sent_at__gte=start, sent_at__lt=end).order_by()
    accounts = ApiAccount.objects.filter(pk__in=called.values("campaign__account"))
    for account in accounts.exclude(day_reports__day=day):
        DayReport.objects.get_or_create(account=account, day=day)


def make(report: DayReport, *, now: datetime) -> None:
    """Ask the service for its list, fold what is news, and write down what differs."""
    try:
        listed = client_for(report.account, subject=f"day:{report.day}").get()
        fields = _compared(report, listed, now)
    except (ProviderError, Unreadable) as error:
        said = for_people(error) if isinstance(error, ProviderError) else _("Ключ не читается.")
        fields = {"state": State.FAILED, "error": said}
    except Exception:
        logger.exception("day %s of account %s", report.day, report.account_id)
        fields = {"state": State.FAILED, "error": _("Сверка прервалась, подробности в журнале.")}
    DayReport.objects.filter(pk=report.pk).update(made_at=now, **fields)


def _compared(report: DayReport, listed: Sequence[ApiCall], now: datetime) -> dict[str, Any]:
    start, end = _bounds(report.day)
    theirs = {
        item.id: news.believed(item, now)
        for item in listed
        if item.created_at is not None and start <= item.created_at < end
    }
    known = _known(report.account, list(theirs))
    pairs = [(call, theirs[number]) for number, call in known.items()]
    changed = folding.fold_all(pairs, now=now).changed
    if changed:
        known = _known(report.account, list(theirs))
    # Near midnight the two clocks may put one call into different days.
    ours = Call.objects.filter(
        campaign__account=report.account,
        service_order_id__isnull=False,
        order__sent_at__gte=start + CLOCKS,
        order__sent_at__lt=end - CLOCKS,
    )
    # What the service puts into no day, or another one, is not missing there.
    everywhere = {item.id for item in listed}
    missing = [call for call in ours.iterator() if call.service_order_id not in everywhere]
    found = list(_differences(theirs, known, missing))
    our_costs = [call.cost for call in [*known.values(), *missing]]
    return {
        "state": State.DIFFERENT if found else State.EQUAL,
        "error": "",
        "ours": len(known) + len(missing),
        "theirs": len(theirs),
        "our_cost": sum(filter(None, our_costs), Decimal(0)),
        "their_cost": sum(filter(None, map(_cost, theirs.values())), Decimal(0)),
        "corrected": len(changed),
        "differing": len(found),
        "differences": found[:MOST_KEPT],
    }


def _known(account: ApiAccount, numbers: Sequence[int]) -> dict[int, Call]:
    """Our calls by the service's ids."""
    ours = Call.objects.filter(campaign__account=account).select_related("campaign__account")
    known: dict[int, Call] = {}
    for start in range(0, len(numbers), BATCH):
        for call in ours.filter(service_order_id__in=numbers[start : start + BATCH]):
            known[call.service_order_id or 0] = call
    return known


def _differences(
    theirs: Mapping[int, ApiCall], known: Mapping[int, Call], missing: Iterable[Call]
) -> Iterable[dict[str, Any]]:
    for number, item in theirs.items():
        call = known.get(number)
        if call is None:
            yield _line("extra", None, number, item.phone, "", _status(item))
            continue
        if (said := _status(item)) and said != call.status:
            yield _line("status", call, number, call.phone, call.status, said)
        cost = _cost(item)
        if cost is not None and cost != call.cost:
            yield _line("cost", call, number, call.phone, _text(call.cost), _text(cost))
    for call in missing:
        yield _line("missing", call, call.service_order_id or 0, call.phone, call.status, "")


def _line(
    kind: str, call: Call | None, number: int, phone: str, ours: str, theirs: str
) -> dict[str, Any]:
    pk = call.pk if call else None
    return {
        "kind": kind,
        "call": pk,
        "number": number,
        "phone": phone,
        "ours": ours,
        "theirs": theirs,
    }


def _status(item: ApiCall) -> str:
    latest = news.newest(item)
    return latest.status if latest else ""


def _cost(item: ApiCall) -> Decimal | None:
    """Of the newest attempt, in roubles, as our column keeps it."""
    latest = news.newest(item)
    return None if latest is None or latest.cost is None else latest.cost.quantize(KOPECK)


def _text(cost: Decimal | None) -> str:
    return "" if cost is None else str(cost)


def _bounds(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight of the installation's clock."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return start, timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
