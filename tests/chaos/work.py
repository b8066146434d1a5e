"""The work: campaigns as people launch them, and the person who looks after them."""

import random
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Max, Q
from django.utils import timezone

from calls.models import (
    BlockedPhone,
    Call,
    CallEvent,
    Campaign,
    CampaignEvent,
    Contact,
    Order,
    WebhookEvent,
)
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.rules.retries import Retries, Rule
from calls.services import blocking, launching, list_launching, steering
from calls.services.plans import Plan
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.secrets import seal
from tests.calls.lists import make_list, text_message
from tests.chaos.world import World, key_of
from tests.factories import make_account

PHONES_PER_ORDER = 25
ZONES = ("Europe/Moscow", "Asia/Omsk", "")
AGAIN = Retries({"busy": Rule(1, 1), "no_answer": Rule(1, 1)})


@dataclass(frozen=True, slots=True)
class Share:
    """One campaign's part of all calls."""

    name: str
    account: int
    text: str
    part: float
    is_sharing: bool  # its people are also another campaign's


# Two of one account share people, one of the other account rings them too.
SHARES = (
    Share("batches", 0, "Компания «Ромашка»: ваш заказ готов.", 0.36, False),
    Share("individual", 0, "Здравствуйте, {имя}! Заказ {номер} готов.", 0.12, False),
    Share("sharing", 0, "Компания «Ромашка»: мы переехали.", 0.16, True),
    Share("other account", 1, "Компания «Лютик»: приходите.", 0.36, True),
)


def accounts(world: World, pace: int) -> list[ApiAccount]:
    return [
        make_account(
            name=f"chaos {place}",
            base_url=emulator.url,
            sealed_key=seal(key_of(place)),
            key_tail=key_of(place)[-4:],
            use_duty_phone=True,
            phones_per_order=PHONES_PER_ORDER,
            calls_per_minute=pace,
        )
        for place, emulator in enumerate(world.emulators)
    ]


def launch(world: World, seed: int, calls: int, pace: int) -> tuple[int, set[str]]:
    """Lists, campaigns and a few blocked people.

    Returns how many are to be in the ledger, and the blocked phones: who was blocked before the
    calls were prepared is in no campaign.
    """
    dice = random.Random(f"people {seed}")
    owners = accounts(world, pace)
    first = phones(dice, 0, int(calls * SHARES[0].part))
    for place, share in enumerate(SHARES):
        size = int(calls * share.part)
        people = first[:size] if share.is_sharing else phones(dice, place, size)
        people = first if place == 0 else people
        _launch(share, owners[share.account], people)
    blocked = set(dice.sample(first, max(2, len(first) // 100)))
    blocking.block(sorted(blocked), source=BlockedPhone.Source.HAND, reason="chaos")
    # And one from a plain form, without a list; some of its people are blocked after the launch.
    typed = phones(dice, 8, max(20, calls // 50))
    launching.launch(
        launching.LaunchRequest(
            launch_token=uuid.uuid4(),
            account=owners[1],
            name="typed",
            phones=typed,
            message_kind=Campaign.Message.TEXT,
            text="Проверка связи.",
            need_recording=False,
        ),
        actor=None,
        now=timezone.now(),
    )
    late = dice.sample(typed, len(typed) // 10)
    blocking.block(late, source=BlockedPhone.Source.COMPLAINT, reason="chaos")
    people = sum(len(set(phones) - blocked) for phones in _people_of(Campaign.objects.all()))
    return people, blocked | set(late)


def phones(dice: random.Random, block: int, number: int) -> list[str]:
    """Different phones with all endings, the emulator's special ones among them."""
    return [f"79{block}{found:08d}" for found in dice.sample(range(10**6), number)]


def _launch(share: Share, account: ApiAccount, people: list[str]) -> Campaign:
    made = make_list(0, name=share.name)
    Contact.objects.bulk_create(_contacts(made, people), batch_size=1000)
    made.total = len(people)
    made.variables = {name: {"filled": len(people), "longest": 20} for name in ("имя", "номер")}
    made.save()
    plan: dict[str, Any] = {
        "purpose": "service",
        "hours": None,
        "limits": Limits(day=20),  # as all real campaigns have: nobody is rung twice at once
        "retries": AGAIN,
        "need_recording": False,
    }
    assert plan["purpose"] in PRESETS
    return list_launching.launch_plan(
        Plan(
            launch_token=uuid.uuid4(),
            name=share.name,
            account=account,
            contact_list=made,
            messages=(text_message(share.text),),
            **plan,
        ),
        actor=None,
        now=timezone.now(),
    )


def _contacts(made: Any, people: Iterable[str]) -> Iterable[Contact]:
    for place, phone in enumerate(people):
        yield Contact(
            contact_list=made,
            phone=phone,
            zone=ZONES[place % len(ZONES)],
            consent_on="2026-01-01",
            variables={"имя": f"Человек {place}", "номер": str(place)},
        )


def look_after() -> int:
    """What a person does: lets go on what waits for a person. Returns how many it was."""
    let_go = 0
    try:
        held = Campaign.objects.running().filter(hold_until=None).exclude(hold_reason="")
        for campaign in held:
            with suppress(steering.NotPossible):  # let go with another one
                steering.resume(campaign, actor=None, now=timezone.now())
                let_go += 1
    except (DatabaseError, OSError):
        connection.close()  # the database is being tormented; the button is pressed again later
    return let_go


def left() -> dict[str, int]:
    """Calls that have not come to an end, by their stage."""
    found: dict[str, int] = {}
    rows = Call.objects.filter(is_final=False)
    for stage in rows.order_by().values_list("stage", flat=True):
        found[stage] = found.get(stage, 0) + 1
    preparing = Campaign.objects.filter(state=Campaign.State.PREPARING).count()
    return found | ({"preparing": preparing} if preparing else {})


def _people_of(campaigns: Iterable[Campaign]) -> list[list[str]]:
    """The phones of each campaign: of its list, or as they were typed."""
    found = []
    for campaign in campaigns:
        rows = campaign.contact_list.contacts if campaign.contact_list else campaign.calls
        found.append(list(rows.values_list("phone", flat=True)))
    return found


def is_over() -> bool:
    return not Campaign.objects.exclude(state=Campaign.State.DONE).exists()


def progress() -> list[int]:
    """What changes whenever anything at all goes on."""
    newest = [
        model.objects.aggregate(last=Max("pk"))["last"] or 0
        for model in (CallEvent, CampaignEvent, Order, Call)
    ]
    unread = WebhookEvent.objects.filter(state=WebhookEvent.State.NEW).count()
    return [*newest, unread, Call.objects.filter(is_final=False).count()]


def is_on_the_wire() -> bool:
    """Whether an order is being asked for: set on now, the clock would end its lease."""
    return Call.objects.filter(stage=Call.Stage.SENDING).exists()


def is_sending(ahead: int) -> bool:
    """Whether anything should go on that needs no more than real time.

    ``ahead``: by how many seconds the installation's clock is set on.
    """
    now = timezone.now() + timedelta(seconds=ahead)
    soon = now + timedelta(seconds=5)
    going = Q(stage=Call.Stage.ACCEPTED, is_final=False, sync_at__lte=soon)
    due = Q(stage=Call.Stage.PLANNED, planned_at__lte=now)
    return Call.objects.filter(going | due).exists()
