"""The plan of troubles: drawn from the seed alone."""

from collections import Counter

import pytest

from tests.chaos.plan import ANSWERS, draw


@pytest.mark.parametrize("is_distributed", [False, True])
def test_the_same_seed_gives_the_same_plan_and_another_seed_another(is_distributed):
    def plan(seed):
        return draw(seed, seconds=360, kills=60, is_distributed=is_distributed)

    assert plan(1) == plan(1) != plan(2)


@pytest.mark.parametrize("seed", range(20))
def test_every_plan_has_all_that_is_promised(seed):
    here = draw(seed, seconds=360, kills=60, is_distributed=False)
    there = draw(seed, seconds=360, kills=60, is_distributed=True)
    for plan in (here, there):
        kinds = Counter(trouble.kind for trouble in plan)
        assert kinds["kill"] >= 50
        assert min(kinds["disk"], kinds["clock"]) > 0
        rounds = [trouble.what.split(",") for trouble in plan if trouble.kind == "faults"]
        assert {kind for kinds in rounds for kind in kinds} == set(ANSWERS)
    assert any(trouble.kind == "lock" for trouble in here)
    assert {"restart", "connections", "cut"} <= {trouble.kind for trouble in there}
