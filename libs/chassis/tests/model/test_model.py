"""The engine in any order of events, commands, clocks, crashes, lost answers and zombies that is tried.

A long run: KPO_MODEL_EXAMPLES=5000 in the environment; KPO_MODEL_SEED repeats one that found something.
"""

import os
from random import SystemRandom

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import Service

EXAMPLES = 100
STEPS = 25
SECONDS_MAX = 300
SEEDS_MAX = 2**32

LONG_RUN = os.environ.get("KPO_MODEL_EXAMPLES")
SEED = int(os.environ.get("KPO_MODEL_SEED") or (SystemRandom().randrange(SEEDS_MAX) if LONG_RUN else 0))


@seed(SEED)
class Seeded(Service):
    """The same, from a place that can be found again."""


@pytest.mark.timeout(0 if LONG_RUN else SECONDS_MAX)
def test_nothing_is_lost_doubled_or_out_of_order_whatever_happens() -> None:
    print(f"KPO_MODEL_SEED={SEED}")  # noqa: T201 - pytest shows it when the test fails.

    run_state_machine_as_test(
        Seeded,
        settings=settings(
            max_examples=int(LONG_RUN or EXAMPLES),
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=(HealthCheck.too_slow,),
        ),
    )
