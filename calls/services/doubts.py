"""What a person decides of calls whose outcome nobody knows. Nothing here sends anything.

The service is asked first (see ``syncing``); a person comes in when that has had its time. «It was
made» is believed only with the service's own number of the call, and only after asking about it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from calls.models import Call, Order
from calls.services import folding, ledger, news
from obzvon_site.accounts.clients import PATIENCE as DEADLINE
from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.common.phones import normalise
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import ProviderError, for_people
from obzvon_site.provider.replies import ApiCall

# By then webhooks and several full listings have had their chance.
PATIENCE = timedelta(minutes=10)
DOUBTFUL = (Call.Stage.UNKNOWN, Call.Stage.LOST)


class NotDecided(Exception):
    """It cannot be decided so: a sentence for people."""


def overdue(now: datetime) -> QuerySet[Order]:
    """Orders in doubt for longer than the service should need to tell."""
    return Order.objects.filter(state=Order.State.UNKNOWN, sent_at__lte=now - PATIENCE)


def ask_now(order: Order, *, now: datetime) -> bool:
    """Ask the service at the next tick. False when the order is in doubt no more."""
    unknown = Order.objects.filter(pk=order.pk, state=Order.State.UNKNOWN)
    return bool(unknown.update(ask_at=now))


def never_made(order: Order, *, actor: User, now: datetime) -> int:
    """Its calls in doubt were not made: a person has looked. Returns how many; none is sent again.

    Raises NotDecided before the service has had its time, or when nothing is in doubt any more.
    """
    if now - order.sent_at < PATIENCE:
        minutes = int(PATIENCE.total_seconds() // 60)
        raise NotDecided(
            _("Рано: сервис ещё может ответить. Решить можно через %(minutes)d минут после заказа.")
            % {"minutes": minutes}
        )
    with transaction.atomic():
        ledger.lock([order.campaign_id])
        doubtful = order.calls.select_for_update(of=("self",)).filter(stage=Call.Stage.UNKNOWN)
        calls = list(doubtful.order_by("pk"))
        if not calls:
            raise NotDecided(_("Здесь уже нечего решать: сервис ответил, или решил кто-то другой."))
        said = _("Звонка не было: так решил %(who)s.") % {"who": actor}
        details = {"reason": said}
        ledger.move_all(calls, Call.Stage.LOST, now=now, error=said, details=details)
        unknown = Order.objects.filter(pk=order.pk, state=Order.State.UNKNOWN)
        unknown.update(state=Order.State.LOST, ask_at=None)
        AuditEvent.note(actor, "doubt.never_made", order.campaign, order=order.pk, calls=len(calls))
    return len(calls)


def was_made(call: Call, number: int, *, actor: User, now: datetime) -> None:
    """The call was made: the service has it under ``number``, its id of the apiCall.

    The service is asked about it at once and what it says is taken over. Raises NotDecided.
    """
    if call.order is None or call.stage not in DOUBTFUL:
        raise NotDecided(_("Здесь уже нечего решать: сервис ответил, или решил кто-то другой."))
    item = _asked(call, number)
    _check(call, call.order, item)
    with transaction.atomic():
        ledger.lock([call.campaign_id])
        ours = Call.objects.filter(campaign__account=call.campaign.account_id)
        if other := ours.filter(service_order_id=number).first():
            raise NotDecided(_("Под этим номером уже записан звонок № %(pk)d.") % {"pk": other.pk})
        try:
            folding.fold(call, news.believed(item, now), now=now)
        except ledger.Stale as error:
            raise NotDecided(_("Звонок только что изменился. Обновите страницу.")) from error
        _close(call.order)
        AuditEvent.note(actor, "doubt.was_made", call.campaign, call=call.pk, number=number)


def _asked(call: Call, number: int) -> ApiCall:
    account = call.campaign.account
    try:
        client = client_for(account, subject=f"call:{call.pk}", deadline=DEADLINE)
        found = client.get([number])
    except (ProviderError, Unreadable) as error:
        said = for_people(error) if isinstance(error, ProviderError) else ""
        raise NotDecided(_("Сервис не подтвердил номер. %(why)s") % {"why": said}) from error
    item = next((item for item in found if item.id == number), None)
    if item is None:
        raise NotDecided(_("Сервис не знает звонка с номером %(number)d.") % {"number": number})
    return item


def _check(call: Call, order: Order, item: ApiCall) -> None:
    """Another call's number would hide this one and be counted twice."""
    try:
        phone = normalise(item.phone)
    except ValueError:
        phone = ""
    if phone != call.phone:
        raise NotDecided(_("У сервиса под этим номером звонок на другой телефон."))
    earliest, latest = order.sent_at - news.JUMPED, order.lease_until + news.JUMPED
    if item.created_at is not None and not earliest <= item.created_at <= latest:
        raise NotDecided(_("Этот звонок заказан в другое время: он не отсюда."))


def _close(order: Order) -> None:
    """An order none of whose calls is in doubt any more needs no more asking."""
    if not order.calls.filter(stage=Call.Stage.UNKNOWN).exists():
        doubtful = Order.objects.filter(pk=order.pk, state=Order.State.UNKNOWN)
        doubtful.update(state=Order.State.ANSWERED, ask_at=None)
