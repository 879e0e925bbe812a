"""Spreads a choice over groups, so that the best of each come before the second best of any."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")


def in_turns(best_first: Iterable[T], group: Callable[[T], Hashable]) -> list[T]:
    """Give the first of each group, then the second of each, and so on; within a turn the order stays.

    However many are taken from the front, no group has two of them while another that has somebody has
    none, and no two groups that are not used up differ by more than one.
    """
    seen = Counter[Hashable]()
    turns: list[tuple[int, T]] = []
    for each in best_first:
        name = group(each)
        turns.append((seen[name], each))
        seen[name] += 1
    return [each for _, each in sorted(turns, key=itemgetter(0))]
