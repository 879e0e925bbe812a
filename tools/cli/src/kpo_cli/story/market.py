"""Registers a whole market of vendors and experts through the public doors, many requests at once."""

import time
from dataclasses import dataclass

from kpo_cli.population import Population, expert_body, vendor_body
from kpo_cli.story.actors import World
from kpo_cli.story.crowd import all_at_once


@dataclass(frozen=True, slots=True)
class Settled:
    """How many registered, and how long that took."""

    vendors: int
    experts: int
    countries: int
    seconds: float

    @property
    def requests_per_second(self) -> float:
        return (self.vendors + self.experts) / self.seconds


async def settle(world: World, population: Population) -> Settled:
    """Let the operator onboard all vendors, then each vendor's staff register its experts."""
    operator, began = world.actor("operator"), time.monotonic()
    await all_at_once(
        operator.post("matching", "/v1/vendors", vendor_body(vendor)) for vendor in population.vendors
    )
    staff = {vendor.id: world.actor("vendor", tenant=vendor.id) for vendor in population.vendors}
    await all_at_once(
        staff[expert.vendor_id].post("matching", "/v1/experts", expert_body(expert))
        for expert in population.experts
    )
    countries = {expert.country for expert in population.experts}
    seconds = time.monotonic() - began
    return Settled(len(population.vendors), len(population.experts), len(countries), seconds)
