"""What a number means in its stream: the next one, a copy, or one that comes too early."""

import pytest

from kpo_chassis.inbox import InboxRow, Place


@pytest.mark.parametrize(
    ("seq", "place"), [(1, Place.DUPLICATE), (2, Place.DUPLICATE), (3, Place.NEXT), (4, Place.GAP)]
)
def test_a_number_is_seen_from_the_last_one_that_was_applied(seq: int, place: Place) -> None:
    row = InboxRow("topic/key")
    row.apply(1)
    row.apply(2)

    assert row.place(seq, late_start=False) is place


def test_a_stream_begins_with_1_where_the_whole_log_is_there() -> None:
    assert InboxRow("topic/key").place(5, late_start=False) is Place.GAP


def test_a_stream_may_begin_late_but_has_no_gap_afterwards() -> None:
    row = InboxRow("topic/key")

    begins = row.place(5, late_start=True)
    row.apply(5)

    assert begins is Place.NEXT
    assert row.place(6, late_start=True) is Place.NEXT
    assert row.place(9, late_start=True) is Place.GAP


def test_behind_a_parked_number_everything_waits_but_what_closes_the_gap_before_it() -> None:
    row = InboxRow("topic/key")
    row.apply(1)
    row.park(3)

    assert row.place(2, late_start=False) is Place.NEXT
    assert row.place(4, late_start=False) is Place.BEHIND
