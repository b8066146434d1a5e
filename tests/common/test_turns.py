"""A turn is one lock on a database of many writers, and nothing on one that has a single one."""

import threading

import pytest
from django.db import connection, transaction

from obzvon_site.common import turns


@pytest.mark.django_db
def test_a_turn_costs_a_statement_only_where_there_are_many_writers(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(connection.vendor == "postgresql"):
        turns.wait_for_turn("attempts")


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_is_taken_is_not_waited_for_and_is_free_again_with_the_transaction():
    found = []

    def other() -> None:
        try:
            with transaction.atomic():
                found.append((turns.take_turn("account 1"), turns.take_turn("account 2")))
        finally:
            connection.close()

    if connection.vendor != "postgresql":
        with transaction.atomic():  # where there is a single writer, it is always his
            assert turns.take_turn("account 1")
        return
    with transaction.atomic():
        assert turns.take_turn("account 1")
        _run(other)
    _run(other)
    assert found == [(False, True), (True, True)]


def _run(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)


def test_a_name_is_the_same_lock_in_every_process_and_another_name_another():
    assert turns._number("attempts") == 1893824024019700886
    assert turns._number("attempts") != turns._number("account 1")
    assert -(2**63) <= turns._number("attempts") < 2**63
