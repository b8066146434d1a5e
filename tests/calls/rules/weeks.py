"""Hours, zones and moments for property tests."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from calls.rules.hours import DAY, Hours
from calls.rules.zones import ZONES

spans = st.none() | st.tuples(st.integers(0, DAY - 1), st.integers(1, DAY)).filter(
    lambda span: span[0] < span[1]
)
weeks = st.builds(Hours, st.tuples(*[spans] * 7), spans)
# Days that people are really called on: from early to late, some days off.
wide = st.none() | st.tuples(st.integers(6 * 60, 10 * 60), st.integers(20 * 60, DAY))
wide_weeks = st.builds(Hours, st.tuples(*[wide] * 7), wide)
zones = st.sampled_from([*ZONES, ""])
moments = st.integers(0, 430 * DAY * 60).map(
    lambda seconds: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
