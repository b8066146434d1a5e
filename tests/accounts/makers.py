"""Rows and stand-ins for the tests of accounts."""

from datetime import UTC, datetime
from decimal import Decimal

from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.provider.replies import ServicePhone, UserInfo
from tests.factories import make_account

NOW = datetime(2026, 11, 23, 11, 41, 5, tzinfo=UTC)


def make_exchange(account: ApiAccount | None = None, **fields) -> Exchange:
    fields = {
        "method": "userInfo",
        "outcome": "done",
        "http_status": 200,
        "milliseconds": 120,
        "request": '{"apiKey": "•••"}',
        "answer": '{"balance": "10.00"}',
        "sent_at": NOW,
        **fields,
    }
    return Exchange.objects.create(account=account or make_account(), **fields)


class FakeClient:
    """Answers what it was told to, or raises it."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self, account, *, subject="", deadline=0) -> "FakeClient":
        return self

    def _give(self):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    user_info = get_phones = _give


def balance_of(amount: str) -> UserInfo:
    return UserInfo(id=1, balance=Decimal(amount), extra={})


def service_phone(phone: str, is_confirmed: bool | None = True) -> ServicePhone:
    return ServicePhone(phone=phone, is_confirmed=is_confirmed)
