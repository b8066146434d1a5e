from datetime import timedelta

import pytest

from obzvon_site.accounts.models import AuditEvent
from obzvon_site.accounts.views.logs import pretty
from tests.accounts.makers import NOW, make_exchange
from tests.factories import make_account, make_user

EXCHANGES = "/settings/exchanges/"
AUDIT = "/settings/audit/"


def methods(client, query: str = "") -> str:
    return client.get(f"{EXCHANGES}{query}").content.decode().split("</form>")[-1]


def test_exchanges_are_listed_newest_first(admin):
    account = make_account()
    make_exchange(account, method="create", sent_at=NOW - timedelta(minutes=1))
    make_exchange(account, method="userInfo", sent_at=NOW)
    page = methods(admin)
    assert page.index("userInfo") < page.index("create")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?method=create", "order:1"),
        ("?outcome=refused", "order:1"),
        ("?subject=order:1", "order:1"),
        ("?method=userInfo", "balance"),
        ("?method=nonsense", "order:1"),
    ],
)
def test_exchanges_are_filtered(admin, query, shown):
    account = make_account()
    make_exchange(account, method="create", outcome="refused", subject="order:1")
    make_exchange(account, method="userInfo", subject="balance")
    assert shown in methods(admin, query)


def test_a_filter_leaves_the_others_out(admin):
    make_exchange(method="create", subject="order:1")
    assert "order:1" not in methods(admin, "?method=userInfo")
    assert "Ничего не нашлось" in methods(admin, "?method=userInfo")
    other = make_account()
    assert "order:1" not in methods(admin, f"?account={other.pk}")


def test_exchanges_come_in_pages(admin):
    account = make_account()
    for number in range(51):
        make_exchange(account, subject=f"n:{number:02}", sent_at=NOW + timedelta(seconds=number))
    page = admin.get(EXCHANGES)
    assert "n:50" in page.content.decode()
    assert "n:00" not in page.content.decode()
    second = methods(admin, f"?after={page.context['page'].next_cursor}")
    assert "n:00" in second
    assert "n:01" not in second


def test_an_exchange_is_shown_in_full(admin):
    row = make_exchange(request='{"a":1}', answer="<html>oops</html>", http_status=502)
    page = admin.get(f"{EXCHANGES}{row.pk}/").content.decode()
    assert "&quot;a&quot;: 1" in page
    assert "&lt;html&gt;oops&lt;/html&gt;" in page
    assert "502" in page


def test_an_exchange_without_an_answer_says_so(admin):
    row = make_exchange(answer="", http_status=None, outcome="not_sent")
    assert "Ответа не было" in admin.get(f"{EXCHANGES}{row.pk}/").content.decode()


def test_an_exchange_that_is_not_there(admin):
    assert admin.get(f"{EXCHANGES}987654/").status_code == 404


def test_the_audit_shows_who_did_what(admin):
    ivan = make_user(username="ivan", first_name="Иван")
    AuditEvent.note(ivan, "account.changed", "Основная", changed={"name": ["А", "Б"]})
    AuditEvent.note(None, "person.role_changed", "olga", before="operator", after="admin")
    page = admin.get(AUDIT).content.decode()
    assert "Иван" in page
    assert "Изменил учётную запись API" in page
    assert "название: А → Б" in page
    assert "operator → admin" in page
    assert "система" in page


def test_details_are_told_in_words(db):
    event = AuditEvent.note(None, "blacklist.added", "2", phones=["1", "2"], reason="просил", odd=3)
    assert event.facts == [("номера", "1, 2"), ("почему", "просил"), ("odd", "3")]
    moved = AuditEvent.note(None, "account.moved", "А", before="", after="https://b")
    assert moved.facts == [("", "— → https://b")]


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("?about=person.", True),
        ("?about=account.", False),
        ("?text=OLGA", True),
        ("?text=nothing", False),
        ("?actor=987654", True),
    ],
)
def test_the_audit_is_filtered(admin, query, is_shown):
    AuditEvent.note(None, "person.role_changed", "olga")
    assert ("Сменил роль" in admin.get(AUDIT + query).content.decode()) is is_shown


def test_the_audit_is_filtered_by_person(admin):
    ivan = make_user(username="ivan")
    AuditEvent.note(None, "person.role_changed", "olga")
    assert "Сменил роль" not in admin.get(f"{AUDIT}?actor={ivan.pk}").content.decode()


def test_a_broken_cursor_is_no_error(admin):
    AuditEvent.note(None, "person.role_changed", "olga")
    assert admin.get(f"{AUDIT}?after=%00nonsense").status_code == 200


@pytest.mark.parametrize("url", [EXCHANGES, AUDIT])
def test_only_admins_read_the_logs(operator, manager, client, url):
    assert operator.get(url).status_code == 403
    assert manager.get(url).status_code == 403
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("url", [EXCHANGES, AUDIT])
def test_logs_are_only_read(admin, url):
    assert admin.post(url).status_code == 405


def test_what_is_not_json_stays_as_it_is():
    assert pretty("a=1&b=2") == "a=1&b=2"
