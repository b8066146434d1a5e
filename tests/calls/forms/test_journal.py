from datetime import timedelta

import pytest
from django.utils import timezone

from calls.forms.journal import JournalForm
from calls.models import Call, Campaign
from tests.calls.makers import make_campaign

NOW = timezone.now()
PHONE = "79001234567"


def found(**asked) -> set[str]:
    asked = {"period": "all", **asked}
    return {call.phone for call in JournalForm(asked).apply(Call.objects.all(), NOW)}


def make(phone: str, *, days_ago: int = 0, **fields) -> Call:
    campaign = make_campaign([phone], name=fields.pop("name", "Проверка"))
    created_at = fields.pop("created_at", NOW - timedelta(days=days_ago))
    Call.objects.filter(campaign=campaign).update(created_at=created_at, **fields)
    return campaign.calls.get()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("", {0}),
        ("today", {0}),
        ("yesterday", {1}),
        ("week", {0, 1, 5}),
        ("month", {0, 1, 5, 20}),
        ("all", {0, 1, 5, 20, 60}),
        ("nonsense", {0}),
    ],
)
def test_a_period_is_counted_in_days_of_the_screens(period, days):
    noon = timezone.localtime(NOW).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (0, 1, 5, 20, 60):
        make(f"790000000{day:02d}", created_at=noon - timedelta(days=day))
    assert found(period=period) == {f"790000000{day:02d}" for day in days}


@pytest.mark.django_db
def test_dates_hold_both_of_their_ends():
    midnight = timezone.localtime(NOW).replace(hour=0, minute=0, second=0, microsecond=0)
    make("79000000001", created_at=midnight - timedelta(days=3))
    make("79000000002", created_at=midnight - timedelta(days=2, seconds=1))
    make("79000000003", created_at=midnight - timedelta(days=2))
    day = (midnight - timedelta(days=3)).date().isoformat()
    assert found(period="dates", since=day, until=day) == {"79000000001", "79000000002"}
    assert found(period="dates", since="31.02.2026", until="") == found()
    assert found(period="dates", since="0001-01-01", until="9999-12-31") == found()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "stage", "status"),
    [
        ("waiting", "planned", ""),
        ("waiting", "sending", ""),
        ("live", "accepted", ""),
        ("live", "accepted", "started"),
        ("live", "accepted", "teleported"),
        ("other", "accepted", "teleported"),
        ("finished", "accepted", "finished"),
        ("busy", "accepted", "busy"),
        ("canceled", "accepted", "canceled"),
        ("failed", "refused", ""),
        ("failed", "blocked", ""),
        ("failed", "lost", ""),
        ("failed", "taken_back", ""),
        ("unknown", "unknown", ""),
    ],
)
def test_an_outcome_is_found_and_nothing_else(outcome, stage, status):
    make(PHONE, stage=stage, status=status)
    assert found(outcome=outcome) == {PHONE}
    others = {name for name, _label in JournalForm.OUTCOMES if name} - {outcome}
    also = {other for other in others if found(outcome=other)}
    assert also <= {"live", "other"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked", ["4567", "+7 (900) 123", "9001234567", "+7 900 123-45-67", "8 900 123-45-67", "123-45"]
)
def test_a_phone_is_found_by_any_run_of_its_digits(asked):
    make(PHONE)
    make("79008888888")
    assert found(q=asked) == {PHONE}


@pytest.mark.django_db
def test_a_call_is_found_by_its_number_with_us_and_with_the_service():
    call = make(PHONE, service_order_id=555_555_001)
    assert found(q=str(call.pk)) >= {PHONE}
    assert found(q="555555001") == {PHONE}


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["долги", "ДОЛГИ", "Ноябрь (2", "— ноя"])
def test_a_campaign_is_found_by_a_part_of_its_name_in_any_case(asked):
    make(PHONE, name="Долги — ноябрь (2)")
    make("79008888888", name="Опрос")
    assert found(q=asked) == {PHONE}


@pytest.mark.django_db
def test_a_campaign_narrows_to_its_calls():
    call = make(PHONE)
    make("79008888888")
    assert found(campaign=str(call.campaign_id)) == {PHONE}


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["²", "9" * 40, "nobody", "-1"])
def test_an_odd_filter_is_as_if_it_were_not_set(odd):
    make(PHONE)
    assert found(campaign=odd, outcome=odd) == {PHONE}
    JournalForm({"q": odd}).apply(Call.objects.all(), NOW).count()


@pytest.mark.django_db
def test_a_search_without_a_period_looks_everywhere():
    make(PHONE, days_ago=90)
    assert found(period="", q="4567") == {PHONE}
    assert found(period="today", q="4567") == set()


@pytest.mark.django_db
def test_an_old_campaign_stays_among_the_choices_while_it_is_chosen():
    old = make(PHONE).campaign
    account = old.account
    Campaign.objects.bulk_create(
        Campaign(account=account, name="Ещё", message="text", payload={}) for _ in range(100)
    )
    assert f'value="{old.pk}"' not in str(JournalForm({})["campaign"])
    assert f'value="{old.pk}" selected' in str(JournalForm({"campaign": str(old.pk)})["campaign"])


@pytest.mark.django_db
def test_campaigns_are_offered_by_name_alone(django_assert_max_num_queries):
    """A campaign's row has JSON that would be read a hundred times."""
    campaign = make_campaign([PHONE], name="Долги")
    for chosen in ("", str(campaign.pk)):
        with django_assert_max_num_queries(3) as asked:
            assert "Долги" in str(JournalForm({"campaign": chosen})["campaign"])
        assert not [query for query in asked.captured_queries if "payload" in query["sql"]]
