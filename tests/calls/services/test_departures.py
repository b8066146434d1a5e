"""A sender that dies: what it had begun to send is in doubt, the rest waits in line."""

import os
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from calls.models import Order
from calls.services import departures, dispatch, outcomes
from tests.calls.makers import NOW, counts_hold, make_campaign, make_order, stages

pytestmark = pytest.mark.django_db


def run() -> int:
    return dispatch.dispatch_due(clock=lambda: NOW)


@pytest.fixture
def departed(tmp_path, settings, monkeypatch):
    """The folder of the files, empty, and none opened before."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(departures, "_files", {})


def test_what_a_dead_process_had_begun_to_send_comes_into_doubt_at_once(departed):
    order, other = make_order(2), make_order(1)
    Order.objects.filter(pk=other.pk).update(lease="of another machine, same pid")
    departures.begin(order.lease)
    dispatch.abandon(os.getpid(), now=NOW)
    dispatch.abandon(os.getpid(), now=NOW)
    order.refresh_from_db()
    assert (order.state, order.lease, order.ask_at) == ("unknown", "", NOW)
    assert set(stages(order.campaign)) == {"unknown"}
    assert stages(other.campaign) == ["sending"]
    assert counts_hold(order.campaign)


def test_what_a_dead_process_had_not_begun_to_send_waits_in_line_again(departed, service):
    departures.begin("an earlier one")
    order = make_order(2)
    dispatch.abandon(os.getpid(), now=NOW)
    order.refresh_from_db()
    assert order.state == "not_sent"
    assert set(stages(order.campaign)) == {"planned"}
    assert departures.left_by(os.getpid()) is None
    assert counts_hold(order.campaign)


def test_what_earlier_days_have_left_is_cleared(departed):
    departures.new_lease()
    departures.clear()
    assert departures.left_by(os.getpid()) is None
    departures.clear()


def test_without_a_trace_of_the_dead_its_leases_run_out(departed):
    order = make_order(1)
    departures.forget(os.getpid())
    dispatch.abandon(os.getpid(), now=NOW)
    assert stages(order.campaign) == ["sending"]
    assert dispatch.expire_leases(now=NOW + dispatch.LEASE + timedelta(seconds=1)) == 1
    assert stages(order.campaign) == ["unknown"]


def test_a_request_is_noted_as_begun_before_it_leaves(departed, service, monkeypatch):
    make_campaign(1)
    monkeypatch.setattr(service, "create", lambda _order, begin: begin())
    run()
    left = departures.left_by(os.getpid())
    assert left.begun == {Order.objects.get().lease}
    assert Order.objects.get().lease.startswith(left.owner)


def test_nothing_is_sent_when_it_cannot_be_noted(departed, service, monkeypatch):
    campaign = make_campaign(1)
    monkeypatch.setattr(departures.os, "open", mock.Mock(side_effect=OSError("no space")))
    run()
    assert stages(campaign) == ["planned"]
    assert service.orders == []


def test_half_a_note_is_none(departed, monkeypatch):
    departures.new_lease()
    monkeypatch.setattr(departures.os, "write", lambda file, line: len(line) - 1)
    with pytest.raises(OSError, match="no space"):
        departures.begin("lease")


def test_half_a_note_does_not_spoil_the_next_one(departed, monkeypatch):
    """The disk is full for a moment: what leaves after that has begun all the same."""
    unsent, order = make_order(1), make_order(1)
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(departures.os, "write", lambda file, line: write(file, line[:10]))
        with pytest.raises(OSError, match="no space"):
            departures.begin(unsent.lease)
    departures.begin(order.lease)
    dispatch.abandon(os.getpid(), now=NOW)
    assert stages(order.campaign) == ["unknown"]
    assert stages(unsent.campaign) == ["planned"]


def test_half_a_name_takes_back_nobodys_orders(departed, monkeypatch):
    """It died on a full disk before its name was written, and a living one's begins alike."""
    order = make_order(1)
    Order.objects.update(lease="a" * 32)
    departures._files.clear()
    write = os.write
    monkeypatch.setattr(departures.os, "write", lambda file, _line: write(file, b"\na"))
    opened = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(OSError, match="no space"):
        departures.new_lease()
    assert set(Path("/proc/self/fd").iterdir()) == opened
    dispatch.abandon(os.getpid(), now=NOW)
    assert stages(order.campaign) == ["sending"]


def test_an_order_whose_answer_could_not_be_written_is_in_doubt_too(departed, service, monkeypatch):
    """It had begun, and so has another since."""
    first = make_campaign(1)
    monkeypatch.setattr(outcomes, "created", mock.Mock(side_effect=OSError("disk")))
    monkeypatch.setattr(service, "create", lambda _order, begin: begin())
    run()
    make_campaign(1, account=first.account)
    run()
    dispatch.abandon(os.getpid(), now=NOW)
    assert stages(first) == ["unknown"]
