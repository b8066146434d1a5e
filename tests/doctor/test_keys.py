"""The doctor's words about secrets and accounts."""

from decimal import Decimal

import pytest
from django.utils import timezone

from obzvon_site.accounts.services import balance
from obzvon_site.common.secrets import seal
from obzvon_site.doctor import keys
from obzvon_site.provider.errors import WrongKey
from tests.accounts.makers import FakeClient, balance_of
from tests.emulator import running_emulator
from tests.factories import KEY, make_account


@pytest.fixture
def installation(settings, tmp_path):
    settings.DATA_DIR, settings.HTTPS, settings.EMBEDDED = tmp_path, True, True
    settings.SECRET_KEY, settings.FIELD_KEYS = "s" * 60, ["f" * 60]
    return settings


def found() -> dict[str, str]:
    return {one.code.partition(".")[2]: one.state for one in keys.secrets(timezone.now())}


def test_secrets_of_ones_own_are_fine(installation):
    assert found() == {"debug": "ok", "secret_key": "ok", "field_keys": "ok"}


@pytest.mark.parametrize(("is_public", "state"), [(True, "bad"), (False, "warning")])
def test_debug_is_worst_in_public(installation, is_public, state):
    installation.DEBUG, installation.HTTPS = True, is_public
    assert found()["debug"] == state


@pytest.mark.parametrize(
    ("https", "embedded", "state"),
    [(False, True, "ok"), (True, True, "warning"), (True, False, "bad")],
)
def test_secrets_made_on_the_first_run_are_for_one_machine(installation, https, embedded, state):
    (installation.DATA_DIR / "secret-key").write_text(installation.SECRET_KEY)
    (installation.DATA_DIR / "field-key").write_text(installation.FIELD_KEYS[0])
    installation.HTTPS, installation.EMBEDDED = https, embedded
    assert found() == {"debug": "ok", "secret_key": state, "field_keys": state}
    said = " ".join(one.sentence + one.advice for one in keys.secrets(timezone.now()))
    assert installation.SECRET_KEY not in said
    assert installation.FIELD_KEYS[0] not in said


def test_a_short_secret_is_a_warning(installation):
    installation.SECRET_KEY, installation.FIELD_KEYS = "short", ["1", "f" * 60]
    assert found() == {"debug": "ok", "secret_key": "warning", "field_keys": "warning"}


def test_an_old_field_key_may_be_short_while_it_is_replaced(installation):
    installation.FIELD_KEYS = ["f" * 44, "1"]
    assert found()["field_keys"] == "ok"


def accounts() -> list[keys.Finding]:
    return list(keys.accounts(timezone.now()))


def test_no_account_is_a_warning(db):
    assert [(one.code, one.state) for one in accounts()] == [("accounts.none", "warning")]


@pytest.mark.parametrize(
    ("answer", "code", "state"),
    [
        (balance_of("5000"), "accounts.answers", "ok"),
        (balance_of("5"), "accounts.answers", "warning"),
        (WrongKey(), "accounts.answers", "bad"),
    ],
)
def test_an_account_is_asked_for_its_balance(db, monkeypatch, answer, code, state):
    make_account(low_balance=Decimal(500))
    monkeypatch.setattr(balance, "client_for", FakeClient(answer))
    [finding] = accounts()
    assert (finding.code, finding.state) == (code, state)
    assert bool(finding.advice) == (state != "ok")


def test_a_key_that_does_not_open_is_bad_and_nobody_is_asked(db, settings, monkeypatch):
    make_account(sealed_key=seal(KEY))
    settings.FIELD_KEYS = ["another"]
    monkeypatch.setattr(balance, "client_for", None)
    [finding] = accounts()
    assert (finding.code, finding.state) == ("accounts.key", "bad")


def test_the_key_is_never_told(db):
    with running_emulator() as emulator:
        make_account(base_url=emulator.url, sealed_key=seal(emulator.key), is_active=True)
        make_account(base_url=emulator.url, sealed_key=seal(KEY))
        told = accounts()
    assert sorted(one.state for one in told) == ["bad", "ok"]
    said = " ".join(one.sentence + one.advice for one in told)
    assert KEY not in said
    assert emulator.key not in said


def test_a_switched_off_account_is_left_alone(db):
    make_account(is_active=False)
    assert [one.code for one in accounts()] == ["accounts.none"]
