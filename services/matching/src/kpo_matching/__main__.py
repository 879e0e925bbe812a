"""`python -m kpo_matching api | worker | api worker | init`."""

from kpo_chassis.service import main
from kpo_matching.settings import MatchingSettings
from kpo_matching.wiring import blueprint

if __name__ == "__main__":
    main(MatchingSettings, blueprint)
