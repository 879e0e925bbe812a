"""What happens in intake because time passes: no deadline, since an engagement's holder has the clock."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from kpo_chassis.doors import ClockHandler, Job
from kpo_chassis.kernel import Aggregate
from kpo_chassis.meters import Meters
from kpo_intake.app import App

log = logging.getLogger("kpo.intake")

STRANDED_EVERY = timedelta(minutes=1)
NAMED_MAX = 10
"""How many stranded engagements one warning names."""


def clocks() -> Mapping[type[Aggregate], ClockHandler]:
    return {}


def jobs(app: App, meters: Meters) -> tuple[Job, ...]:
    """Give what is done now and then: an alarm for engagements that got lost between two services."""

    async def show_stranded(now: datetime) -> None:
        stranded = await app.find_stranded(now)
        meters.set("kpo_engagements_stranded", len(stranded))
        if stranded:
            named = [f"{step.engagement_id} after {step.type}" for step in stranded[:NAMED_MAX]]
            log.warning("engagements_stranded", extra={"count": len(stranded), "first": named})

    return (Job("show_stranded", STRANDED_EVERY, show_stranded),)
