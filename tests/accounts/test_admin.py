import pytest
from django.contrib.auth import get_user
from django.test import Client

from obzvon_site.accounts.models import ApiAccount, AuditEvent, User
from tests.accounts.makers import make_exchange
from tests.factories import KEY, make_account, make_phone


@pytest.fixture
def root(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="pass-word-1"))
    return client


MODELS = ["user", "apiaccount", "outgoingphone", "exchange", "auditevent", "tick"]


@pytest.mark.parametrize("model", MODELS)
def test_superusers_see_every_list(root, model):
    make_exchange(make_phone().account)
    AuditEvent.note(None, "x.y", "z")
    assert root.get(f"/django-admin/accounts/{model}/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_an_admin_by_role_cannot_rise_here(admin, model):
    User.objects.filter(pk=get_user(admin).pk).update(is_staff=True)
    assert admin.get(f"/django-admin/accounts/{model}/").status_code == 403


def test_a_key_is_not_shown_here_either(root):
    account = make_account()
    page = root.get(f"/django-admin/accounts/apiaccount/{account.pk}/change/").content.decode()
    assert "••••test" in page
    for secret in (KEY, account.sealed_key, account.webhook_token):
        assert secret not in page


def test_a_key_cannot_be_moved_from_here(root):
    account = make_account(base_url="https://a.example/apiCalls")
    root.post(
        f"/django-admin/accounts/apiaccount/{account.pk}/change/",
        {"base_url": "https://evil.example/", "name": account.name},
    )
    assert ApiAccount.objects.get().base_url == "https://a.example/apiCalls"


def test_logs_are_not_written_here(root):
    event = AuditEvent.note(None, "x.y", "z")
    base = "/django-admin/accounts/auditevent/"
    assert root.get(f"{base}add/").status_code == 403
    assert root.post(f"{base}{event.pk}/delete/", {"post": "yes"}).status_code == 403
