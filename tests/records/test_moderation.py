from datetime import timedelta

import pytest

from records.moderation import ask_again_after, verdict
from tests.records.makers import reply


@pytest.mark.parametrize(
    ("status", "needs", "expected"),
    [
        ("approved", None, "ready"),
        ("Approved", True, "ready"),  # the status knows better than the flag
        ("rejected", False, "rejected"),
        ("Отклонён", True, "rejected"),
        ("on moderation", None, "waiting"),
        ("on-moderation", None, "waiting"),
        ("new", False, "ready"),  # nobody will look at it
        ("", True, "waiting"),
        ("", False, "ready"),
        ("", None, "unknown"),
        ("something new", None, "unknown"),
    ],
)
def test_words_of_the_service_are_understood(status, needs, expected):
    assert verdict(reply(status=status, needs_moderation=needs)) == expected


def test_questions_become_rare_after_a_quarter_of_an_hour():
    assert ask_again_after(timedelta(seconds=59)) == timedelta(seconds=5)
    assert ask_again_after(timedelta(minutes=14)) == timedelta(seconds=30)
    assert ask_again_after(timedelta(minutes=15)) == timedelta(minutes=5)
