"""What only matching is told by its environment: nothing so far."""

from kpo_chassis.settings import Settings


class MatchingSettings(Settings):
    """The durations of choice and offers are in each engagement, so there is no knob of our own."""
