"""Campaigns, orders and calls for tests, made the way the product makes them."""

import itertools
import uuid
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from calls.models import Call, Campaign, Order, Recording
from calls.services import dispatch, launching, outcomes, recounting
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.emulator.script import ENDINGS
from obzvon_site.provider.replies import ApiCall, CallNews, Created, CreatedCall, RefusedPhone
from tests.factories import make_account

NOW = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
# Those that the emulator's seed decides on: some others it refuses.
_numbers = (number for number in itertools.count(1) if f"{number % 100:02d}" not in ENDINGS)


def make_phones(number: int) -> list[str]:
    return [f"7900{next(_numbers):07d}" for _ in range(number)]


def make_request(phones: int | list[str] = 1, **fields: Any) -> launching.LaunchRequest:
    account = fields.get("account") or make_account(use_duty_phone=True)
    fields = {
        "launch_token": uuid.uuid4(),
        "account": account,
        "consent_waiver": "" if account.is_emulator else "Договор № 14 от 3 марта",
        "name": "Проверка",
        "phones": make_phones(phones) if isinstance(phones, int) else phones,
        "message_kind": Campaign.Message.TEXT,
        "text": "Здравствуйте!",
        **fields,
    }
    return launching.LaunchRequest(**fields)


def make_campaign(phones: int | list[str] = 1, *, now: datetime = NOW, **fields: Any) -> Campaign:
    return launching.launch(make_request(phones, **fields), actor=None, now=now)


def make_order(phones: int | list[str] = 1, *, now: datetime = NOW, **fields: Any) -> Order:
    """An order whose calls are «sending»: committed, and not yet asked for."""
    campaign = make_campaign(phones, now=now, **fields)
    taken = dispatch.take(campaign.account, now=now)
    assert taken is not None
    return taken.order


def make_call(*, service_id: int | None = None, now: datetime = NOW, **fields: Any) -> Call:
    """A call that the service has accepted."""
    order = make_order(1, now=now, **fields)
    call = order.calls.get()
    outcomes.created(order, created({call.phone: service_id or 700_000 + call.pk}), lambda: now)
    call.refresh_from_db()
    return call


def make_recording(
    call: Call | None = None, content: bytes = b"RIFF0123456789", **fields: Any
) -> Recording:
    """A kept recording of ``call``; of a new one unless given."""
    call = call or make_call()
    fields = {
        "campaign": call.campaign,
        "account": call.campaign.account,
        "at": call.finished_at or NOW,
        "content_type": "audio/wav",
        "size": len(content),
        **fields,
    }
    recording = Recording(call=call, **fields)
    recording.file.save(f"{call.pk}.wav", ContentFile(content), save=False)
    recording.save()
    Call.objects.filter(pk=call.pk).update(has_recording=recording.state == "kept")
    call.refresh_from_db()
    return recording


def created(ids: dict[str, int], refused: dict[str, str] | None = None) -> Created:
    return Created(
        calls=tuple(CreatedCall(number, phone, NOW) for phone, number in ids.items()),
        refused=tuple(RefusedPhone(phone, words) for phone, words in (refused or {}).items()),
    )


def news(status: str, *, after: float = 0, **fields: Any) -> CallNews:
    """What the service says of a call, so many seconds after NOW."""
    values: dict[str, Any] = {
        "id": None,
        "phone": "",
        "status": status,
        "is_final": status in {"finished", "busy", "canceled"},
        "ivr_digit": "",
        "ivr_answers": "",
        "manager_status": "",
        "to_block": False,
        "hangup_cause": "",
        "recording_url": "",
        "updated_at": NOW + timedelta(seconds=after),
        "extra": {},
    }
    moments = ("started_at", "answered_at", "manager_started_at", "manager_answered_at")
    for name in (*moments, "finished_at", "cost", "created_at"):
        values[name] = None
    if status == "finished":
        values |= {"cost": Decimal("2.50"), "finished_at": values["updated_at"]}
    return CallNews(**{**values, **fields})


def api_call(call: Call, *said: CallNews, number: int | None = None, **fields: Any) -> ApiCall:
    values: dict[str, Any] = {
        "id": number or call.service_order_id or 700_000 + call.pk,
        "phone": call.phone,
        "created_at": NOW,
        "planned_at": None,
        "need_recording": True,
        "calls": said,
        "extra": {},
    }
    return ApiCall(**{**values, **fields})


class AtOnce(Executor):
    """A pool without threads: what is submitted is done when ``submit`` returns."""

    def __init__(self, threads: int = 0) -> None:
        self.threads = threads

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*args, **kwargs))
        return future


class FakeService:
    """Stands where ``client_for`` stands: remembers what was asked, answers as it was told."""

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.asked: list[Any] = []
        self.trouble: Exception | None = None
        self.listed: list[ApiCall] = []
        self.refused: dict[str, str] = {}
        self.silent: set[str] = set()
        self.unreadable = 0  # entries of each listing that nobody can read
        self._ids = itertools.count(700_001)

    def __call__(self, account: ApiAccount, **_how: Any) -> "FakeService":
        return self

    def connect(self) -> None:
        pass

    def create(self, order: Any, *, begin: Any = None) -> Created:
        self.orders.append(order)
        if self.trouble is not None:
            raise self.trouble
        ids = {
            phone: next(self._ids)
            for phone in order.phones
            if phone not in self.refused and phone not in self.silent
        }
        return created(ids, {p: w for p, w in self.refused.items() if p in order.phones})

    def get(self, ids: Any = None, *, unread: list[str] | None = None) -> list[ApiCall]:
        self.asked.append(ids)
        if self.trouble is not None:
            raise self.trouble
        if unread is not None:
            unread += ["no id"] * self.unreadable
        return [item for item in self.listed if ids is None or item.id in ids]

    @property
    def rung(self) -> list[str]:
        return [phone for order in self.orders for phone in order.phones]


def counts_hold(campaign: Campaign) -> bool:
    """Whether all that is kept by increments is what a recount gives."""
    campaign.refresh_from_db()
    counted = {name: getattr(campaign, name) for name in campaign.recount()}
    assert counted == campaign.recount()
    assert campaign.cost == campaign.recount_cost()
    assert campaign.total == campaign.calls.count() == sum(counted.values())
    assert campaign.total == campaign.people + campaign.retried
    assert recounting.kept(campaign) == recounting.recount(campaign)
    return True


def stages(campaign: Campaign) -> list[str]:
    return list(campaign.calls.order_by("pk").values_list("stage", flat=True))


def phones_of(calls: Iterable[Call]) -> list[str]:
    return [call.phone for call in calls]
