"""`python -m kpo_billing api | worker | api worker | init`."""

from kpo_billing.settings import BillingSettings
from kpo_billing.wiring import blueprint
from kpo_chassis.service import main

if __name__ == "__main__":
    main(BillingSettings, blueprint)
