"""`python -m kpo_intake api | worker | api worker | init`."""

from kpo_chassis.service import main
from kpo_intake.settings import IntakeSettings
from kpo_intake.wiring import blueprint

if __name__ == "__main__":
    main(IntakeSettings, blueprint)
