"""Phones, money, moments, masks and seals."""

import logging
import stat
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from obzvon_site.common import moments, money, phones, redact, secrets
from obzvon_site.common.installation import kept_secret

KEY = "Zx9" * 20


@pytest.mark.parametrize(
    "typed",
    [
        "79000000001",
        "89000000001",
        "+7 (900) 000-00-01",
        " 8-900-000.00.01 ",
        "+7\u00a0900 0000001",
    ],
)
def test_a_phone_in_any_notation_is_eleven_digits(typed):
    assert phones.normalise(typed) == "79000000001"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Введите"),
        ("позвони", "лишние знаки"),
        ("9000000001", "10, нужно 11"),
        ("790000000012", "12, нужно 11"),
        ("+89000000001", r"с \+7 или 8"),
        ("39000000001", r"с \+7 или 8"),
    ],
)
def test_a_bad_phone_says_what_is_wrong(typed, sentence):
    with pytest.raises(ValueError, match=sentence):
        phones.normalise(typed)


@given(st.text(max_size=20))
def test_a_phone_is_eleven_digits_or_an_error(typed):
    try:
        phone = phones.normalise(typed)
    except ValueError:
        return
    assert len(phone) == 11
    assert phone[0] == "7"
    assert phone.isascii()
    assert phones.normalise(phones.shown(phone)) == phone


@pytest.mark.parametrize("text", ["2.50", "2,50", 2.5, Decimal("2.5")])
def test_money_is_read_in_any_notation(text):
    assert money.roubles(text) == Decimal("2.5")


@pytest.mark.parametrize("text", ["", "дорого", "NaN", "Infinity", "1.2.3"])
def test_what_is_not_money_is_an_error(text):
    with pytest.raises(ValueError, match="not an amount"):
        money.roubles(text)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("3.1", "3,10\xa0₽"),
        ("99.99", "99,99\xa0₽"),
        ("149.40", "150\xa0₽"),
        ("6123.45", "6\xa0100\xa0₽"),
        ("99960", "100\xa0000\xa0₽"),
    ],
)
def test_an_estimate_is_two_figures_of_money(amount, words):
    assert money.roughly(Decimal(amount)) == words


def test_a_sum_of_the_database_is_whole_kopecks():
    assert money.summed(Decimal("74.6999999999999")) == Decimal("74.70")
    assert money.summed(None) == Decimal(0)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_money_shown_is_money_read(amount):
    assert money.roubles(money.shown(amount).removesuffix("₽")) == amount


@pytest.mark.parametrize("value", [None, "", 0, "0"])
def test_no_moment_yet(value):
    assert moments.from_seconds(value) is None


def test_a_moment_is_aware_and_comes_back():
    moment = moments.from_seconds("1763890000")
    assert moment.tzinfo is UTC
    assert moments.to_seconds(moment) == 1763890000
    assert moments.to_seconds(datetime(1970, 1, 2, tzinfo=UTC)) == 86400


@pytest.mark.parametrize("value", ["вчера", 10**30, 253402300799, -1, "1.5", {}])
def test_what_is_not_a_moment_is_an_error(value):
    with pytest.raises(ValueError):  # noqa: PT011
        moments.from_seconds(value)


def test_keys_are_masked_in_text_and_json_by_shape_and_by_name():
    assert KEY not in redact.masked(f"key={KEY}")
    assert "short" not in redact.masked("a short secret", "short")
    shown = redact.as_text([{"apiKey": "short", "inner": {"API_KEY": "short", "text": "да"}}])
    assert "short" not in shown
    assert "да" in shown


def test_a_log_line_is_masked_with_its_arguments():
    record = logging.LogRecord("x", logging.INFO, "x.py", 1, "sent %s", (KEY,), None)
    assert redact.RedactFilter().filter(record)
    assert KEY not in record.getMessage()


def test_a_traceback_in_the_log_is_masked_and_phones_are():
    error = ValueError(f"{KEY} of 79123456789")
    what = (ValueError, error, None)
    record = logging.LogRecord("x", 40, "x.py", 1, "to %s", ("89123456789",), what)
    assert redact.RedactFilter().filter(record)
    said = logging.Formatter().format(record)
    assert said == "to •••\nValueError: ••• of •••"


def test_the_secret_address_of_webhooks_is_masked_in_the_log():
    said = "Not Found: /hooks/a1b2c3d4e5f6/step/"
    record = logging.LogRecord("django.request", 30, "x.py", 1, "%s", (said,), None)
    redact.RedactFilter().filter(record)
    assert record.getMessage() == "Not Found: /hooks/•••/step/"


def test_a_secret_opens_with_any_kept_key_and_not_without(settings):
    settings.FIELD_KEYS = ["old"]
    sealed = secrets.seal(KEY)
    assert KEY not in sealed
    settings.FIELD_KEYS = ["new", "old"]
    resealed = secrets.reseal(sealed)
    settings.FIELD_KEYS = ["new"]
    assert secrets.unseal(resealed) == KEY
    with pytest.raises(secrets.Unreadable):
        secrets.unseal(sealed)


def test_an_installation_makes_its_secret_once_and_keeps_it_private(tmp_path):
    path = tmp_path / "var" / "key"
    made = kept_secret(path)
    assert len(made) > 40
    assert kept_secret(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ImproperlyConfigured, match="DATA_DIR"):
        kept_secret(tmp_path / "file" / "key")
