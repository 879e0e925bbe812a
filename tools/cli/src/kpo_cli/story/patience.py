"""How people wait: they look again soon, and ever less often the longer they have waited."""

from collections.abc import Iterator
from typing import Final

LOOK_SECONDS: Final = 0.05
LOOK_SECONDS_MAX: Final = 0.5
LOOK_SHARE: Final = 0.1
"""A pause becomes longer by this share of what was waited already, up to the longest."""


def pauses() -> Iterator[float]:
    """Give the seconds to wait before each further look, without end."""
    waited = 0.0
    while True:
        pause = min(LOOK_SECONDS + LOOK_SHARE * waited, LOOK_SECONDS_MAX)
        yield pause
        waited += pause
