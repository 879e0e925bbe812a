"""What only intake is told by its environment: nothing, so far."""

from kpo_chassis.settings import Settings


class IntakeSettings(Settings):
    """The shortest duration of a step is a knob that all services have."""
