from decimal import Decimal

from obzvon_site.accounts.models import AuditEvent
from obzvon_site.accounts.services import keys
from tests.accounts.makers import NOW
from tests.factories import KEY, make_account, make_user

FRESH = "N" * 56 + "3f9a"


def told() -> str:
    """Everything the audit log holds, as one text."""
    return "".join(f"{e.verb}{e.subject}{e.details}" for e in AuditEvent.objects.all())


def test_a_new_key_replaces_the_old_one_sealed(db):
    account = make_account(balance=Decimal(5), balance_at=NOW, balance_error="старый ключ")
    actor = make_user(role="admin")
    keys.replace_key(account, FRESH, actor=actor)
    account.refresh_from_db()
    assert account.api_key() == FRESH
    assert account.masked_key == "••••3f9a"
    assert FRESH not in account.sealed_key
    assert account.balance is None
    assert account.balance_error == ""


def test_the_audit_names_the_deed_without_either_key(db):
    actor = make_user(role="admin")
    keys.replace_key(make_account(name="Основная"), FRESH, actor=actor)
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.subject) == ("account.key_replaced", actor, "Основная")
    assert FRESH not in told()
    assert KEY not in told()


def test_another_address_comes_with_a_key_of_its_own(db):
    account = make_account(base_url="https://old.example/apiCalls")
    keys.connect(account, base_url="https://new.example/apiCalls", key=FRESH, actor=None)
    account.refresh_from_db()
    assert account.base_url == "https://new.example/apiCalls"
    assert account.api_key() == FRESH
    assert list(AuditEvent.objects.order_by("id").values_list("verb", flat=True)) == [
        "account.moved",
        "account.key_replaced",
    ]


def test_the_same_address_is_not_a_move(db):
    account = make_account(base_url="https://old.example/apiCalls")
    keys.connect(account, base_url="https://old.example/apiCalls", key=FRESH, actor=None)
    assert not AuditEvent.objects.filter(verb="account.moved").exists()
