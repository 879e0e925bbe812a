"""What happens in intake because time passes: nothing, since the holder of an engagement has the clock."""

from collections.abc import Mapping

from kpo_chassis.doors import ClockHandler
from kpo_chassis.kernel import Aggregate


def clocks() -> Mapping[type[Aggregate], ClockHandler]:
    return {}
