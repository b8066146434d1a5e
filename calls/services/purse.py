"""Whether there is money to go on with: the balance of the account, and the caps of a campaign."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, Campaign
from obzvon_site.common.money import KOPECK, shown, summed


def problem(campaign: Campaign, *, now: datetime) -> str:
    """Why a campaign held for money can not go on yet, as a sentence; empty: it can."""
    if campaign.hold_kind == Campaign.Hold.BALANCE:
        return _of_balance(campaign, now)
    if campaign.hold_kind == Campaign.Hold.BUDGET:
        return _of_budget(campaign, now)
    return ""


def spent_today(campaign: Campaign, now: datetime) -> Decimal:
    """Roubles that its calls have cost since midnight of the installation's clock."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = campaign.minutes.filter(minute__gte=midnight)
    return summed(minutes.aggregate(sum=Sum("cost"))["sum"])


def _of_balance(campaign: Campaign, now: datetime) -> str:
    account = campaign.account
    balance = account.balance
    # An old figure proves nothing: the service itself will say no, which costs nothing.
    if balance is None or account.is_stale(now) or balance >= price_of(campaign):
        return ""
    return _("На балансе %(balance)s: не хватит и на один звонок. Пополните его и продолжите.") % {
        "balance": shown(balance)
    }


def without_cost(campaign: Campaign) -> tuple[int, int]:
    """Finished calls whose cost nobody has told, and those of them that are still asked about."""
    finished = Call.objects.filter(campaign=campaign.pk, status="finished", cost=None)
    found = finished.aggregate(
        all=Count("pk"), awaited=Count("pk", filter=Q(sync_at__isnull=False))
    )
    return found["all"], found["awaited"]


def _of_budget(campaign: Campaign, now: datetime) -> str:
    # As much as is kept back when calls are taken, or it would be held again at once.
    unknown, _awaited = without_cost(campaign)
    price = price_of(campaign) * (1 + unknown + campaign.live + campaign.doubtful)
    if campaign.budget is not None and campaign.cost + price > campaign.budget:
        return _("Потрачено %(cost)s из %(budget)s. Увеличьте бюджет обзвона и продолжите.") % {
            "cost": shown(campaign.cost),
            "budget": shown(campaign.budget),
        }
    if campaign.day_budget is None or (today := spent_today(campaign, now)) + price <= (
        campaign.day_budget
    ):
        return ""
    return _(
        "Сегодня потрачено %(cost)s из %(budget)s. Увеличьте бюджет на день или подождите завтра."
    ) % {"cost": shown(today), "budget": shown(campaign.day_budget)}


def price_of(campaign: Campaign) -> Decimal:
    """What one more call may cost, in roubles; as the launch foresaw, else a minute. Never 0."""
    return campaign.call_price or campaign.account.minute_price or KOPECK
