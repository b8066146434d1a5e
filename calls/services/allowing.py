"""How many calls of a campaign may go out now: the pace, what rings already, money, the pilot.

What is on its way may cost as much as a call can cost, so it is taken off before anything more is
promised. While it is on its way a campaign without room just waits; when nothing is left that
could make room, it is held, and a person (or the next day) lets it go on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Campaign, Order
from calls.services import purse
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.money import shown

MINUTE = timedelta(minutes=1)
Hold = Campaign.Hold


@dataclass(frozen=True, slots=True)
class Stop:
    """Not one call fits, and waiting does not help: until a moment, or a person decides."""

    kind: str  # Campaign.Hold
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """A campaign at a moment: what has gone out lately, and what is on its way."""

    campaign: Campaign
    now: datetime
    of_account: int  # calls of the last minute
    of_campaign: int
    sending: int  # calls of the campaign whose order is not answered yet

    @property
    def on_the_way(self) -> int:
        """Calls of the campaign that may be ringing, or yet ring."""
        return self.campaign.live + self.campaign.doubtful + self.sending


def allowance(campaign: Campaign, now: datetime) -> int | Stop:
    """How many calls may go out now, in however many orders; 0: none for the moment.

    Inside the transaction that writes the orders, with the campaign locked.
    """
    traffic = _traffic(campaign, now)
    rooms = [campaign.account.calls_per_minute - traffic.of_account]
    if campaign.calls_per_minute is not None:
        rooms.append(campaign.calls_per_minute - traffic.of_campaign)
    if campaign.concurrent is not None:
        rooms.append(campaign.concurrent - traffic.on_the_way)
    for room_of in (_of_pilot, _of_budget, _of_balance):
        found = room_of(traffic)
        if isinstance(found, Stop):
            return found
        rooms += [] if found is None else [found]
    return max(0, min(rooms))


def _traffic(campaign: Campaign, now: datetime) -> Traffic:
    """Counted by orders, so that a thousand calls cost as little as ten; and by two short indexes,
    so that a year of orders costs as little as a minute of them."""
    lately = Order.objects.filter(sent_at__gt=now - MINUTE).exclude(state=Order.State.NOT_SENT)
    sending = Order.objects.filter(state=Order.State.SENDING, campaign=campaign.pk)
    sums = lately.order_by().values_list("campaign", "campaign__account").annotate(Sum("size"))
    of_account = of_campaign = 0
    for campaign_id, account_id, size in sums:
        of_account += size if account_id == campaign.account_id else 0
        of_campaign += size if campaign_id == campaign.pk else 0
    on_the_wire = sending.aggregate(sum=Sum("size"))["sum"] or 0
    return Traffic(campaign, now, of_account, of_campaign, on_the_wire)


def _of_pilot(traffic: Traffic) -> int | Stop | None:
    campaign = traffic.campaign
    if campaign.pilot_size is None or campaign.is_pilot_approved:
        return None
    sent = campaign.minutes.aggregate(sum=Sum("sent"))["sum"] or 0
    if sent < campaign.pilot_size or traffic.on_the_way:
        return max(0, campaign.pilot_size - sent)
    sentence = _(
        "Пробная часть закончена: ответили на %(answered)d из %(sent)d. Послушайте, как прошли "
        "звонки, и продолжите, если всё хорошо."
    )
    return Stop(Hold.PILOT, sentence % {"answered": campaign.answered, "sent": sent})


def _of_budget(traffic: Traffic) -> int | Stop | None:
    campaign = traffic.campaign
    if campaign.budget is None and campaign.day_budget is None:
        return None
    price = purse.price_of(campaign)
    unknown, awaited = purse.without_cost(campaign)
    promised = price * (traffic.on_the_way + unknown)
    is_waiting = bool(traffic.on_the_way or awaited)
    rooms = []
    if campaign.budget is not None:
        rooms.append(int((campaign.budget - campaign.cost - promised) / price))
        if rooms[-1] < 1 and not is_waiting:
            return Stop(Hold.BUDGET, _budget_spent(campaign))
    if campaign.day_budget is not None:
        today = purse.spent_today(campaign, traffic.now)
        rooms.append(int((campaign.day_budget - today - promised) / price))
        if rooms[-1] < 1 and not is_waiting:
            return Stop(Hold.BUDGET, _day_spent(campaign, today), _next_midnight(traffic.now))
    return min(rooms)


def _of_balance(traffic: Traffic) -> int | Stop | None:
    campaign, account = traffic.campaign, traffic.campaign.account
    # An old figure proves nothing: then the service itself says no, which costs nothing.
    if account.balance is None or account.is_stale(traffic.now):
        return None
    promised = _promised_by(account)
    room = int((account.balance - promised) / purse.price_of(campaign))
    if room >= 1 or promised:
        return room
    sentence = _(
        "Обзвон остановлен: кончились деньги, на балансе %(balance)s. Сделано %(done)d из "
        "%(total)d, остальные ждут. Пополните баланс и продолжите."
    )
    said = {"balance": shown(account.balance), "done": campaign.done, "total": campaign.total}
    return Stop(Hold.BALANCE, sentence % said)


def _promised_by(account: ApiAccount) -> Decimal:
    """What all that is on its way in the account may cost, in roubles."""
    promised = Decimal(0)
    going = Campaign.objects.filter(account=account).exclude(state=Campaign.State.DONE)
    for row in going.exclude(live=0, doubtful=0).select_related("account"):
        promised += purse.price_of(row) * (row.live + row.doubtful)
    asked = Order.objects.filter(state=Order.State.SENDING, campaign__account=account)
    for order in asked.select_related("campaign__account"):
        promised += purse.price_of(order.campaign) * order.size
    return promised


def _budget_spent(campaign: Campaign) -> str:
    sentence = _(
        "Бюджет обзвона исчерпан: потрачено %(cost)s из %(budget)s. Сделано %(done)d из "
        "%(total)d, остальные ждут. Увеличьте бюджет и продолжите."
    )
    return sentence % {
        "cost": shown(campaign.cost),
        "budget": shown(campaign.budget or Decimal(0)),
        "done": campaign.done,
        "total": campaign.total,
    }


def _day_spent(campaign: Campaign, today: Decimal) -> str:
    sentence = _(
        "Бюджет на день исчерпан: сегодня потрачено %(cost)s из %(budget)s. Продолжим завтра сами."
    )
    return sentence % {"cost": shown(today), "budget": shown(campaign.day_budget or Decimal(0))}


def _next_midnight(now: datetime) -> datetime:
    """Of the screens' clock, by which a day's spending is counted."""
    tomorrow = timezone.localtime(now).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time())
    return timezone.make_aware(midnight).astimezone(now.tzinfo)
