"""The small statistics, against values that others have computed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.rules.shares import FEWEST, Share, Verdict, chance, needed, verdict


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe, 1998, table I: the score method without a correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_the_paper(count, of, low, high):
    interval = Share(count, of).interval
    assert interval == pytest.approx((low, high), abs=0.00006)


def test_of_nothing_nothing_is_known():
    assert Share(0, 0).value == 0
    assert Share(0, 0).interval == (0, 1)


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_holds_its_share_and_stays_a_share(pair):
    share = Share(*pair)
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-9
    assert share.value - 1e-9 <= high <= 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # 45 of 100 against 60 of 100: z = 2.1240, the example of many a course.
        (Share(45, 100), Share(60, 100), 0.03367),
        (Share(15, 25), Share(10, 25), 0.15730),  # z = 1.4142
        (Share(10, 50), Share(10, 50), 1.0),
        (Share(0, 50), Share(0, 50), 1.0),
        (Share(1, 5), Share(0, 0), 1.0),
    ],
)
def test_the_chance_is_that_of_the_two_sided_test(one, other, expected):
    assert chance(one, other) == pytest.approx(expected, abs=0.0001)
    assert chance(other, one) == pytest.approx(expected, abs=0.0001)


def test_the_size_needed_is_that_of_the_textbook():
    # 50 % against 60 %, 95 % and 80 %: 388 in each group (Fleiss without a correction).
    assert needed(Share(50, 100), Share(60, 100)) == 388
    assert needed(Share(10, 100), Share(15, 100)) == 686
    assert needed(Share(50, 100), Share(50, 100)) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Share(240, 1000), Share(310, 1000), Verdict("b")),
        (Share(310, 1000), Share(240, 1000), Verdict("a")),
        (Share(50, 100), Share(50, 100), Verdict()),
        (Share(0, 0), Share(0, 0), Verdict()),
        (Share(50, 100), Share(60, 100), Verdict(missing=580)),  # 2 × 288
        (Share(4, 4), Share(0, 4), Verdict(missing=2 * (FEWEST - 4))),  # far apart, yet too few
    ],
)
def test_a_verdict_is_given_when_the_difference_is_no_chance(one, other, expected):
    assert verdict(one, other) == expected


@given(st.integers(0, 60), st.integers(0, 60))
def test_whoever_wins_has_the_larger_share(one, other):
    a, b = Share(one, 60), Share(other, 60)
    found = verdict(a, b)
    assert found.winner in {"", "a" if a.value > b.value else "b"}
    assert found.missing is None or found.missing > 0
