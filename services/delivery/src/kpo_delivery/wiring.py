"""Delivery put together: settings, collections, use cases and doors, in plain constructor calls."""

from functools import partial

from kpo_chassis.doors import Blueprint, Doors, Engine
from kpo_delivery.adapters.work_orders import work_orders
from kpo_delivery.app import App
from kpo_delivery.domain.milestone import Policy
from kpo_delivery.entrypoints.http import router
from kpo_delivery.entrypoints.kafka import handlers
from kpo_delivery.entrypoints.timers import clocks, jobs
from kpo_delivery.settings import DeliverySettings
from kpo_delivery.use_cases.content.remove_unreferenced_content import remove_unreferenced_content
from kpo_delivery.use_cases.work_orders.accept_milestone import accept_milestone
from kpo_delivery.use_cases.work_orders.admit_deliverable import admit_deliverable
from kpo_delivery.use_cases.work_orders.find_deliverable import find_deliverable
from kpo_delivery.use_cases.work_orders.note_cancel_wish import note_cancel_wish
from kpo_delivery.use_cases.work_orders.open_work_order import open_work_order
from kpo_delivery.use_cases.work_orders.return_milestone import return_milestone
from kpo_delivery.use_cases.work_orders.run_work_order_clock import run_work_order_clock
from kpo_delivery.use_cases.work_orders.submit_milestone import submit_milestone
from kpo_delivery.wire import outgoing


def blueprint(settings: DeliverySettings) -> Blueprint:
    """Describe the whole service."""
    policy = settings.policy

    def build(engine: Engine) -> Doors:
        app = build_app(engine, policy)
        return Doors(router(app, engine.reads, engine.blobs), handlers(app), clocks(app), jobs(app))

    return Blueprint(
        name="delivery",
        description="Work orders: milestones delivered, reviewed, accepted.",
        documents=(work_orders,),
        outgoing=outgoing,
        build=build,
    )


def build_app(engine: Engine, policy: Policy) -> App:
    """Bind every use case to what it needs."""
    changes, reads, contents = engine.changes, engine.reads, engine.blobs
    return App(
        open_work_order=partial(open_work_order, changes=changes),
        note_cancel_wish=partial(note_cancel_wish, changes=changes),
        run_work_order_clock=partial(run_work_order_clock, changes=changes, policy=policy),
        submit_milestone=partial(submit_milestone, changes=changes, reads=reads, contents=contents),
        return_milestone=partial(return_milestone, changes=changes, policy=policy),
        accept_milestone=partial(accept_milestone, changes=changes),
        admit_deliverable=partial(admit_deliverable, reads=reads, contents=contents),
        find_deliverable=partial(find_deliverable, reads=reads),
        remove_unreferenced_content=partial(remove_unreferenced_content, reads=reads, contents=contents),
    )
