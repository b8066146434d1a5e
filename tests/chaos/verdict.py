"""Whether what the service was ordered is what the ledger says: counts, and what is wrong."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from calls.models import Call, CallEvent, Campaign, Order, WebhookEvent
from calls.services import recounting
from obzvon_site.accounts.models import ApiAccount
from tests.chaos.troubles import is_anywhere
from tests.chaos.world import World, key_of

Stage = Call.Stage
ENDS = {Stage.ACCEPTED, Stage.REFUSED, Stage.LOST, Stage.BLOCKED, Stage.EXPIRED, Stage.TAKEN_BACK}


@dataclass
class Verdict:
    """What was found; ``wrong`` is empty when every promise was kept."""

    counts: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def claim(self, name: str, faults: list[str]) -> None:
        """A promise, and whatever breaks it."""
        self.counts[name] = "kept" if not faults else f"BROKEN, {len(faults)} times"
        self.wrong += [f"{name}: {fault}" for fault in faults]


def judge(world: World, blocked: set[str], people: int) -> Verdict:
    """Compare everything. Nothing may be moving any more."""
    verdict = Verdict()
    calls = list(Call.objects.select_related("campaign", "order").order_by("pk"))
    accounts = list(ApiAccount.objects.filter(name__startswith="chaos ").order_by("name"))
    truth = {account.pk: world.truth(place) for place, account in enumerate(accounts)}
    _count(verdict, calls, [row for rows in truth.values() for row in rows])
    for account in accounts:
        own = [call for call in calls if call.campaign.account_id == account.pk]
        _each_order_is_one_attempt(verdict, account, own, truth[account.pk])
    _nobody_is_lost(verdict, calls, people)
    _doubts_are_explained(verdict, calls)
    _retries(verdict, calls, truth)
    broken = WebhookEvent.objects.filter(state=WebhookEvent.State.BROKEN)
    verdict.claim("no news are given up", [f"{row.pk}: {row.problem}" for row in broken])
    _counters(verdict)
    rung = {row["phone"] for rows in truth.values() for row in rows}
    verdict.claim("nobody blocked was rung", sorted(rung & blocked))
    _keys(verdict, world)
    return verdict


def _count(verdict: Verdict, calls: list[Call], rows: list[Any]) -> None:
    stages = Counter(call.stage for call in calls)
    events = Counter(CallEvent.objects.order_by().values_list("kind", flat=True))
    verdict.counts |= {
        "campaigns": Campaign.objects.count(),
        "attempts in the ledger": len(calls),
        "of them retries": sum(call.attempt > 1 for call in calls),
        "orders sent": Order.objects.count(),
        "calls the service was ordered": len(rows),
        "calls the ledger knows as ordered": stages[Stage.ACCEPTED],
        "stages": dict(sorted(stages.items())),
        "orders": dict(sorted(Counter(Order.objects.values_list("state", flat=True)).items())),
        "times in doubt": events[CallEvent.Kind.UNKNOWN],
        "times given up": events[CallEvent.Kind.LOST],
        "times taken back unsent": events[CallEvent.Kind.RETURNED],
        "webhooks": dict(
            sorted(Counter(WebhookEvent.objects.values_list("state", flat=True)).items())
        ),
    }


def _each_order_is_one_attempt(
    verdict: Verdict, account: ApiAccount, calls: list[Call], rows: list[Any]
) -> None:
    """The heart: the service's calls and the ledger's attempts are the same set."""
    known: dict[int, list[Call]] = defaultdict(list)
    for call in calls:
        if call.service_order_id is not None:
            known[call.service_order_id].append(call)
    by_id = {row["id"]: row for row in rows}
    name = account.name
    phones: Counter[str] = Counter(row["phone"] for row in rows)
    rung = Counter(call.phone for call in calls if call.service_order_id is not None)
    wrong = [
        f"{phone} was ordered {phones[phone]} times, the ledger says {rung[phone]}: "
        + "; ".join(
            f"#{call.pk} attempt {call.attempt} {call.stage}"
            for call in calls
            if call.phone == phone
        )
        for phone in sorted(phones | rung)
        if phones[phone] != rung[phone]
    ]
    verdict.claim(f"{name}: every phone was ordered as often as the ledger says", wrong)
    verdict.claim(
        f"{name}: at most once per attempt",
        [
            f"{own[0].phone}: {len(own)} attempts share order {key}"
            for key, own in known.items()
            if len(own) > 1
        ],
    )
    mixed, costs = [], []
    for key, own in known.items():
        row, call = by_id.get(key), own[0]
        if row is None or row["phone"] != call.phone:
            mixed.append(f"{call.phone}: the service knows no such call {key}")
            continue
        said = json.loads(row["body"])["record"].get("text")
        if said != (call.text or call.campaign.text):
            mixed.append(f"{call.phone}: call {key} says «{said}», attempt #{call.pk} another text")
        if (call.cost or Decimal(0)) != Decimal(str(row["cost"])).quantize(Decimal("0.01")):
            costs.append(f"{call.phone}: {row['cost']} at the service, {call.cost} here")
    verdict.claim(f"{name}: every attempt has its own call", mixed)
    total = sum((Decimal(str(row["cost"])) for row in rows), Decimal(0)).quantize(Decimal("0.01"))
    ours = sum((call.cost or Decimal(0) for call in calls), Decimal(0))
    if total != ours:
        costs.append(f"{total} roubles in all at the service, {ours} here")
    verdict.counts[f"{name}: cost at the service / here"] = f"{total} / {ours}"
    verdict.claim(f"{name}: costs are equal", costs)


def _nobody_is_lost(verdict: Verdict, calls: list[Call], people: int) -> None:
    wrong = [
        f"{call.phone} #{call.pk} is {call.stage} {call.status}"
        for call in calls
        if call.stage not in ENDS or not call.is_final
    ]
    wrong += [
        f"{call.phone} #{call.pk} is {call.stage} and says no reason"
        for call in calls
        if call.stage not in {Stage.ACCEPTED, Stage.BLOCKED} and not call.error
    ]
    first = sum(call.attempt == 1 for call in calls)
    if first != people:
        wrong.append(f"{people} people were to be called, {first} are in the ledger")
    wrong += [
        f"campaign {campaign.pk} is {campaign.state}"
        for campaign in Campaign.objects.all()
        if not campaign.is_over
    ]
    verdict.claim("none is lost: every call has its end", wrong)


def _doubts_are_explained(verdict: Verdict, calls: list[Call]) -> None:
    by_pk = {call.pk: call for call in calls}
    doubted = CallEvent.objects.filter(kind=CallEvent.Kind.UNKNOWN).values_list("call", flat=True)
    ends = Counter(by_pk[pk].stage for pk in doubted)
    verdict.counts["of doubts became"] = dict(sorted(ends.items()))
    wrong = [
        f"{by_pk[pk].phone} #{pk} was in doubt and is {by_pk[pk].stage}"
        for pk in doubted
        if by_pk[pk].stage not in {Stage.ACCEPTED, Stage.LOST}
    ]
    open_orders = Order.objects.filter(state__in=[Order.State.SENDING, Order.State.UNKNOWN])
    wrong += [f"order {order.pk} is still {order.state}" for order in open_orders]
    verdict.claim("every doubt is explained", wrong)


def _retries(verdict: Verdict, calls: list[Call], truth: dict[int, list[Any]]) -> None:
    """Attempts follow one another: numbers without gaps, each ordered after the end of the last."""
    chains: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in calls:
        chains[call.campaign_id, call.phone].append(call)
    wrong = []
    for (campaign, phone), chain in chains.items():
        rows = {row["id"]: row for row in truth[chain[0].campaign.account_id]}
        if [call.attempt for call in chain] != list(range(1, len(chain) + 1)):
            wrong.append(
                f"{phone} of campaign {campaign}: attempts {[call.attempt for call in chain]}"
            )
        for before, after in pairwise(chain):
            old, new = rows.get(before.service_order_id), rows.get(after.service_order_id)
            if before.stage != Stage.ACCEPTED or old is None:
                wrong.append(f"{phone}: attempt {after.attempt} follows one that is {before.stage}")
            elif new is not None and new["created_at"] < old["ends_at"]:
                wrong.append(f"{phone}: attempt {after.attempt} went out before the last had ended")
            elif before.result == Call.Result.REACHED and new is not None:
                wrong.append(f"{phone}: attempt {after.attempt} though the person was reached")
    verdict.claim("no retry is doubled or needless", wrong)


def _counters(verdict: Verdict) -> None:
    wrong = []
    for campaign in Campaign.objects.all():
        kept, counted = recounting.kept(campaign), recounting.recount(campaign)
        if kept != counted:
            wrong.append(f"campaign {campaign.pk}: kept {kept}, counted {counted}")
    verdict.claim("counters equal a recount", wrong)


def _keys(verdict: Verdict, world: World) -> None:
    keys = [key_of(place) for place in range(len(world.emulators))]
    found = is_anywhere(world.data, [key.encode() for key in keys])
    found += [
        f"a log line: {number}"
        for number, line in enumerate(world.lines())
        if any(key in line for key in keys)
    ]
    verdict.claim("no API key in any file or log", found)
