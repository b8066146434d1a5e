"""What is made on the first run, and what is left alone on the next."""

import socket

import pytest

from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.secrets import unseal
from obzvon_site.supervisor import prepare

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.EMULATOR_PORT = 8101
    settings.PROVIDER_URL = settings.PROVIDER_KEY = ""


def test_the_first_account_is_the_emulator():
    prepare.first_account()
    account = ApiAccount.objects.get()
    assert account.is_default
    assert account.base_url == "http://127.0.0.1:8101/apiCalls"
    assert unseal(account.sealed_key) == prepare.emulator_key()
    assert len(prepare.emulator_key()) == 60


def test_a_given_service_is_the_default_instead(settings):
    settings.PROVIDER_URL = "https://calls.example.com/apiCalls/"
    settings.PROVIDER_KEY = "secret-of-the-service"
    prepare.first_account()
    account = ApiAccount.objects.get(is_default=True)
    assert account.base_url == "https://calls.example.com/apiCalls"
    assert unseal(account.sealed_key) == "secret-of-the-service"
    assert ApiAccount.objects.count() == 2


def test_a_second_run_keeps_what_people_changed_and_follows_the_emulators_port(settings):
    prepare.first_account()
    ApiAccount.objects.update(minute_price=7)
    settings.EMULATOR_PORT = 8202
    prepare.first_account()
    account = ApiAccount.objects.get()
    assert account.minute_price == 7
    assert account.base_url == "http://127.0.0.1:8202/apiCalls"


def test_no_account_is_made_beside_those_of_people(settings):
    ApiAccount.objects.create(name="Own", base_url="https://own.example.com/apiCalls")
    prepare.first_account()
    assert ApiAccount.objects.count() == 1


def test_a_port_in_use_is_not_free():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not prepare.is_free(port)
    assert prepare.is_free(port)


def test_static_files_are_collected_only_when_they_changed(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.txt").write_text("1")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "static"
    assert prepare.collect_static()
    assert not prepare.collect_static()
    (source / "a.txt").write_text("12")
    assert prepare.collect_static()
    assert (tmp_path / "static" / "a.txt").read_text() == "12"
