"""Python's cycle collector, told what a batch is: thousands of objects that die together, few in cycles.

With its defaults it walks through all of them every few hundred allocations, and through all that was ever
imported now and then: a third of the time of a busy worker.
"""

import gc

YOUNG_OBJECTS_MAX = 50_000
"""How many new containers make a collection worth its while; a batch of 500 events makes about as many."""

MIDDLE_ROUNDS = 20
OLD_ROUNDS = 50


def calm_collector() -> None:
    """Set the process's collector for batches; call it once, when everything is imported and wired."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS_MAX, MIDDLE_ROUNDS, OLD_ROUNDS)
