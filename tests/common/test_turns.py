"""A turn is one lock on a database of many writers, and nothing on one that has a single one."""

import pytest
from django.db import connection, transaction

from obzvon_site.common import turns


@pytest.mark.django_db
def test_a_turn_costs_a_statement_only_where_there_are_many_writers(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(connection.vendor == "postgresql"):
        turns.wait_for_turn("attempts")


def test_a_name_is_the_same_lock_in_every_process_and_another_name_another():
    assert turns._number("attempts") == 1893824024019700886
    assert turns._number("attempts") != turns._number("account 1")
    assert -(2**63) <= turns._number("attempts") < 2**63
