"""`python -m kpo_delivery api | worker | api worker | init`."""

from kpo_chassis.service import main
from kpo_delivery.settings import DeliverySettings
from kpo_delivery.wiring import blueprint

if __name__ == "__main__":
    main(DeliverySettings, blueprint)
