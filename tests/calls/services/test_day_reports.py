"""A day compared with the service's list: news folded in, the rest told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.models import DayReport
from calls.services import day_reports, syncing
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.provider import errors
from tests.calls.makers import NOW, api_call, counts_hold, make_call, news
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DAY = timezone.localdate(NOW)
NIGHT = NOW + timedelta(days=1)


def report_of(call) -> DayReport:
    day_reports.make_due(now=NIGHT)
    return DayReport.objects.get(account=call.campaign.account)


def test_equal_days_say_so(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5))]
    report = report_of(call)
    assert (report.state, report.day, report.ours, report.theirs) == ("equal", DAY, 1, 1)
    assert report.our_cost == report.their_cost == Decimal("2.50")
    assert report.differences == []


def test_an_end_that_nobody_told_is_folded_in(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5))]
    report = report_of(call)
    call.refresh_from_db()
    assert (call.status, call.cost, report.corrected) == ("finished", Decimal("2.50"), 1)
    assert counts_hold(call.campaign)


def test_what_only_one_side_has_is_told(service):
    call = make_call()
    stranger = api_call(call, news("finished", after=5), number=999, phone="79998887766")
    service.listed = [stranger]
    report = report_of(call)
    assert (report.state, report.differing) == ("different", 2)
    assert {(line["kind"], line["number"], line["call"]) for line in report.differences} == {
        ("extra", 999, None),
        ("missing", call.service_order_id, call.pk),
    }


def test_what_the_service_has_in_no_day_is_not_missing_there(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5), created_at=None)]
    assert report_of(call).differences == []


def test_a_status_that_goes_back_is_a_difference_and_not_news(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5))]
    report_of(call)
    service.listed = [api_call(call, news("started", after=1))]
    day_reports.ask(call.campaign.account, DAY, actor=None)
    report = report_of(call)
    assert [line["kind"] for line in report.differences] == ["status"]
    call.refresh_from_db()
    assert call.status == "finished"


def test_a_day_told_by_a_wrong_clock_does_not_make_all_later_news_late(service):
    call = make_call()
    wrong = news("answered", updated_at=NOW + timedelta(days=9000))
    service.listed = [api_call(call, wrong)]
    assert report_of(call).corrected == 1
    call.refresh_from_db()
    later = NIGHT + timedelta(minutes=1)
    service.listed = [api_call(call, news("finished", updated_at=later))]
    assert syncing.poll_due(now=later) == 1
    call.refresh_from_db()
    assert call.status == "finished"


def test_another_days_calls_are_left_out(service):
    call = make_call()
    other = api_call(call, news("finished"), number=5, created_at=NOW - timedelta(days=2))
    service.listed = [api_call(call, news("finished", after=5)), other]
    assert report_of(call).theirs == 1


def test_a_day_is_compared_once_and_not_before_its_hour(service):
    call = make_call()
    service.listed = [api_call(call, news("finished", after=5))]
    early = timezone.localtime(NIGHT).replace(hour=3)
    assert day_reports.make_due(now=early) == 0
    assert day_reports.make_due(now=NIGHT) == 1
    assert day_reports.make_due(now=NIGHT + timedelta(hours=1)) == 0


def test_days_whose_nights_nobody_was_here_are_compared_later(service):
    """Off from Friday to Monday, and then for longer than a day is worth comparing."""
    call = make_call()
    monday = NOW + timedelta(days=3)
    assert day_reports.make_due(now=monday) == 1
    assert DayReport.objects.get().day == DAY
    other = make_call(account=call.campaign.account, now=NOW + timedelta(days=2))
    assert day_reports.make_due(now=monday) == 1
    assert day_reports.make_due(now=monday + timedelta(days=9)) == 0
    assert DayReport.objects.filter(account=other.campaign.account).count() == 2


def test_a_silent_service_is_asked_again_in_an_hour(service):
    call = make_call()
    service.trouble = errors.OutcomeUnknown(method="get")
    report = report_of(call)
    assert report.state == "failed"
    assert report.error
    assert day_reports.make_due(now=NIGHT + timedelta(minutes=30)) == 0
    service.trouble = None
    service.listed = [api_call(call, news("finished", after=5))]
    assert day_reports.make_due(now=NIGHT + timedelta(minutes=61)) == 1
    report.refresh_from_db()
    assert (report.state, report.error) == ("equal", "")


def test_a_person_asks_for_a_day_again(service):
    call = make_call()
    user = make_user(role="admin")
    report = day_reports.ask(call.campaign.account, DAY, actor=user)
    assert day_reports.ask(call.campaign.account, DAY, actor=user) == report
    assert AuditEvent.objects.filter(verb="day_report.asked", actor=user).count() == 2
    assert day_reports.make_due(now=NOW) == 1


def test_many_differences_are_counted_and_the_first_thousand_kept(service, monkeypatch):
    monkeypatch.setattr(day_reports, "MOST_KEPT", 2)
    call = make_call()
    service.listed = [api_call(call, news("busy"), number=number) for number in (1, 2, 3)]
    report = report_of(call)
    assert (report.differing, len(report.differences)) == (4, 2)
