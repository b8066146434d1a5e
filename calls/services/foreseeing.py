"""What a plan is likely to cost and how long it will take, before anything is sent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from math import ceil

from django.db.models import F

from calls.ivr.cost import CostRange
from calls.models import Campaign
from calls.rules import pace
from calls.rules.retries import MOST_ATTEMPTS
from calls.rules.texts import measured
from calls.services import audience, estimating
from calls.services.plans import MessagePlan, Plan
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.money import KOPECK
from obzvon_site.provider.limits import LIMITS

GUESSED = 0.6  # share of calls that somebody takes, where there is no history
ENOUGH = 50  # ended calls of a campaign that tell something
LATEST = 10  # campaigns that are asked
RINGING = 20  # seconds a line is taken before somebody answers or nobody does
# How often a call ends so: of those not answered, and of those answered.
UNANSWERED = {"busy": 0.25, "no_answer": 0.75}
ANSWERED = {"early": 0.1, "no_key": 0.3}


@dataclass(frozen=True, slots=True)
class Forecast:
    """Roubles for the whole campaign, and what they were reckoned from."""

    low: Decimal  # the shortest way through, by those who answer
    high: Decimal  # everybody answers every time and takes the dearest way
    answered: float  # share of calls that somebody takes
    is_guess: bool  # there is no history of this account to take it from
    call_low: Decimal  # for one answered call
    call_high: Decimal
    attempts: float  # expected calls per person, retries included
    balance: Decimal | None = None  # of the account; None: nobody knows
    budget: Decimal | None = None
    day_budget: Decimal | None = None

    def as_json(self) -> dict[str, object]:
        """As ``Campaign.forecast`` keeps it."""
        return {
            "low": str(self.low),
            "high": str(self.high),
            "answered": round(self.answered, 4),
            "is_guess": self.is_guess,
            "attempts": round(self.attempts, 4),
        }

    @property
    def is_over_balance(self) -> bool:
        return self.balance is not None and self.high > self.balance

    @property
    def is_over_budget(self) -> bool:
        return self.budget is not None and self.high > self.budget


def forecast(plan: Plan, people: int) -> Forecast | None:
    """The price of calling so many people; None while there is nothing to hear."""
    prices = [call_price(plan, message) for message in plan.messages]
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices):
        return None
    answered, is_guess = answered_share(plan.account, plan.purpose)
    attempts = 1 + _more_attempts(plan, answered)
    each = Decimal(people) / len(known)
    low = high = Decimal(0)
    for message, price in zip(plan.messages, known, strict=True):
        talk, synthesis = _apart(plan, message, price, each)
        low += talk * each * Decimal(str(answered)) + synthesis
        high += price.high * each * Decimal(str(attempts))
    return Forecast(
        low=low.quantize(KOPECK, ROUND_UP),
        high=high.quantize(KOPECK, ROUND_UP),
        answered=answered,
        is_guess=is_guess,
        call_low=min(price.low for price in known),
        call_high=max(price.high for price in known),
        attempts=attempts,
        balance=plan.account.balance,
        budget=plan.budget,
        day_budget=plan.day_budget,
    )


def call_price(plan: Plan, message: MessagePlan) -> CostRange | None:
    """Roubles for one answered call with this message; None: there is nothing to hear."""
    if not message.variables:
        return estimating.of_call(
            plan.account,
            record=message.record,
            text=message.text,
            version=message.scenario_version,
        )
    fixed, names = measured(message.text)
    longest = min(LIMITS["text"].max, audience.longest(plan.contact_list, message.text))
    shortest = min(longest, fixed + len(names))
    ends = [estimating.of_call(plan.account, text="ю" * size) for size in (shortest, longest)]
    low, high = (end or CostRange(Decimal(0), Decimal(0)) for end in ends)
    return CostRange(low.low, max(low.high, high.high))


def answered_share(account: ApiAccount, purpose: str) -> tuple[float, bool]:
    """Share of calls that somebody takes, by the account's latest campaigns, those of the same
    purpose first; and whether it is a guess."""
    ended = F("finished") + F("busy") + F("canceled")
    past = Campaign.objects.filter(account=account).annotate(counted=ended)
    # Where nobody at all answered something was wrong, or answers were not counted yet.
    enough = past.filter(counted__gte=ENOUGH, answered__gt=0).order_by("-created_at", "-pk")
    for campaigns in (enough.filter(purpose=purpose), enough):
        rows = list(campaigns.values_list("answered", "counted")[:LATEST])
        if rows:
            return sum(row[0] for row in rows) / sum(row[1] for row in rows), False
    return GUESSED, True


def begins_at(plan: Plan, zones: Collection[str], *, now: datetime) -> datetime | None:
    """The first moment anybody in ``zones`` may be rung; None: nobody, ever."""
    return pace.resumes_at(max(plan.starts_at or now, now), plan.hours, zones)


def finishes_at(
    plan: Plan, told: Forecast, people: int, begin: datetime, zones: Collection[str]
) -> datetime | None:
    """About when all is done, by pace, hours, retries, limits and the budget of a day."""
    length = timedelta(minutes=people * told.attempts / _per_minute(plan, told))
    end = pace.ends_at(begin, length, plan.hours, zones)
    if end is None:
        return None
    last = max(end + _retrying(plan), begin + _saving(plan, told))
    return end if last == end else pace.resumes_at(last, plan.hours, zones)


def _apart(
    plan: Plan, message: MessagePlan, price: CostRange, people: Decimal
) -> tuple[Decimal, Decimal]:
    """The least for one talk, and what synthesis costs for all, answered or not."""
    if message.kind != Campaign.Message.TEXT:
        return price.low, Decimal(0)
    synthesis = plan.account.synthesis_price
    # A text of one's own is synthesised for one call; a common one once for each order.
    number = people if message.variables else ceil(people / plan.account.phones_per_order)
    return price.low - synthesis, synthesis * number


def _more_attempts(plan: Plan, answered: float) -> float:
    """Expected calls to a person after the first."""
    has_keys = any(message.scenario_version for message in plan.messages)
    shares = {name: share * (1 - answered) for name, share in UNANSWERED.items()}
    shares |= {name: share * answered for name, share in ANSWERED.items()}
    if not has_keys:
        del shares["no_key"]
    expected = sum(
        shares.get(name, 0.0) ** number
        for name, rule in plan.retries.rules.items()
        for number in range(1, rule.times + 1)
        if name in shares
    )
    return min(expected, MOST_ATTEMPTS - 1)


def _per_minute(plan: Plan, told: Forecast) -> float:
    """Calls that go out in a minute at the most."""
    paces: list[float] = [plan.account.calls_per_minute]
    if plan.calls_per_minute:
        paces.append(plan.calls_per_minute)
    if plan.concurrent:
        talk = max(map(opening_seconds, plan.messages), default=0)
        paces.append(plan.concurrent * 60 / (RINGING + talk * told.answered))
    return max(min(paces), 0.1)


def opening_seconds(message: MessagePlan) -> int:
    """How long its opening lasts; 0: nobody knows."""
    document = estimating.heard(
        record=message.record, text=message.text, version=message.scenario_version
    )
    return estimating.opening_seconds(document) if document else 0


def _retrying(plan: Plan) -> timedelta:
    """How much later than the last first attempt the last one may be."""
    rules = plan.retries.rules.values()
    delay = max(
        (timedelta(minutes=rule.times * rule.after_minutes) for rule in rules), default=None
    )
    if delay is None:
        return timedelta(0)
    most = min(MOST_ATTEMPTS, 1 + max(rule.times for rule in rules))
    days = ceil(most / plan.limits.day) - 1 if plan.limits.day else 0
    return max(delay, timedelta(days=days))


def _saving(plan: Plan, told: Forecast) -> timedelta:
    """How long the budget of a day stretches it."""
    if not plan.day_budget:
        return timedelta(0)
    likely = min((told.low + told.high) / 2, plan.budget or told.high)
    return timedelta(days=max(0, ceil(likely / plan.day_budget) - 1))
