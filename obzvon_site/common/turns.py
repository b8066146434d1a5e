"""One at a time, for what no row stands for: a lock that lasts as long as the transaction."""

from hashlib import blake2b

from django.db import connection


def wait_for_turn(name: str) -> None:
    """Wait until no other transaction holds ``name``, then hold it to the end of this one.

    Inside a transaction. What was committed by the one before is seen by the next question.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_number(name)])
    # SQLite has one writer, and our transactions begin as writers (``transaction_mode``).


def take_turn(name: str) -> bool:
    """As ``wait_for_turn``, but whoever finds it taken goes away: False."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(name)])
        return bool(cursor.fetchone()[0])


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
