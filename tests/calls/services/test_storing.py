"""Webhooks of one moment are written together, and none is said to be kept that is not."""

import threading

import pytest
from django.db import IntegrityError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from calls.models import WebhookEvent
from calls.services.storing import Store, Waiting
from tests.calls.makers import NOW
from tests.factories import make_account


def event(account_id: int) -> WebhookEvent:
    return WebhookEvent(account_id=account_id, kind="status", body="{}", received_at=NOW)


@pytest.mark.django_db
def test_all_that_wait_are_written_by_one(django_assert_max_num_queries):
    account, store = make_account(), Store()
    others = [Waiting(event(account.pk)) for _ in range(5)]
    store._waiting += others
    with django_assert_max_num_queries(3):
        store.keep(event(account.pk))
    assert WebhookEvent.objects.count() == 6
    assert all(one.is_kept for one in others)


@pytest.mark.django_db(transaction=True)
def test_what_fails_together_is_tried_alone_by_each(monkeypatch):
    account, store = make_account(), Store()
    failing = Waiting(event(account.pk))
    store._waiting.append(failing)

    def refuse(*_args, **_named):
        raise IntegrityError("one of them")

    monkeypatch.setattr(type(WebhookEvent.objects), "bulk_create", refuse)
    store.keep(event(account.pk))
    assert WebhookEvent.objects.count() == 1
    assert (failing.is_kept, failing.is_alone) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_many_threads_keep_each_of_theirs_once():
    account, store = make_account().pk, Store()

    def run() -> None:
        for _ in range(10):
            store.keep(event(account))
        # SQLite's own close() leaves a database in memory open, and this thread's would never be.
        BaseDatabaseWrapper.close(connections["default"])

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert WebhookEvent.objects.count() == 60
