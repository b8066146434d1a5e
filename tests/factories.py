"""Rows for tests: functions with defaults. Each app's makers stand in tests/<app>/makers.py."""

import itertools

from django.contrib.auth.models import Group

from obzvon_site.accounts.models import ApiAccount, OutgoingPhone, User
from obzvon_site.common.secrets import seal

_numbers = itertools.count(1)
KEY = "K" * 56 + "test"


def make_user(*, role: str = "operator", username: str = "", **fields) -> User:
    user = User.objects.create_user(
        username=username or f"user{next(_numbers)}", password="pass-word-1", **fields
    )
    user.groups.add(Group.objects.get(name=role))
    return user


def make_account(**fields) -> ApiAccount:
    number = next(_numbers)
    fields = {
        "name": f"Account {number}",
        "base_url": "http://127.0.0.1:9/apiCalls",
        "sealed_key": seal(KEY),
        "key_tail": KEY[-4:],
        "connections": 32,  # tests take orders and leave them open
        **fields,
    }
    account = ApiAccount.objects.create(**fields)
    account.refresh_from_db()  # prices are written as texts in tests, and are decimals
    return account


def make_phone(account: ApiAccount | None = None, **fields) -> OutgoingPhone:
    fields = {"phone": f"7495{next(_numbers):07d}", "is_confirmed": True, **fields}
    return OutgoingPhone.objects.create(account=account or make_account(), **fields)
