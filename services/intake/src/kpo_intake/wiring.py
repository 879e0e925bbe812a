"""Intake put together: settings, collections, use cases and doors, in plain constructor calls."""

from datetime import timedelta
from functools import partial

from kpo_chassis.doors import Blueprint, Doors, Engine
from kpo_intake.adapters.clients import clients
from kpo_intake.adapters.engagements import engagements
from kpo_intake.adapters.timeline import StoredTimeline, timeline
from kpo_intake.app import App
from kpo_intake.domain.limits import Limits
from kpo_intake.entrypoints.http import router
from kpo_intake.entrypoints.kafka import handlers
from kpo_intake.entrypoints.timers import clocks, jobs
from kpo_intake.settings import IntakeSettings
from kpo_intake.use_cases.cancel_engagement import cancel_engagement
from kpo_intake.use_cases.close_engagement import close_engagement
from kpo_intake.use_cases.find_stranded import find_stranded
from kpo_intake.use_cases.list_timeline import list_timeline
from kpo_intake.use_cases.record_event import record_event
from kpo_intake.use_cases.register_client import register_client
from kpo_intake.use_cases.resume_engagement import resume_engagement
from kpo_intake.use_cases.show_engagement import show_engagement
from kpo_intake.use_cases.submit_engagement import submit_engagement
from kpo_intake.wire import outgoing, written
from kpo_reference import published


def blueprint(settings: IntakeSettings) -> Blueprint:
    """Describe the whole service."""
    limits = limits_of(settings)

    def build(engine: Engine) -> Doors:
        app = build_app(engine, limits)
        return Doors(router(app, engine.reads), handlers(app), clocks(), jobs(app, engine.meters))

    return Blueprint(
        name="intake",
        description="Engagements: what a client asks for, and the timeline of all that follows.",
        documents=(clients, engagements),
        entries=(timeline,),
        outgoing=outgoing,
        build=build,
    )


def limits_of(settings: IntakeSettings) -> Limits:
    """Gather what briefs are measured with."""
    return Limits(
        duration_min=timedelta(seconds=settings.duration_min_seconds),
        skills=frozenset(skill.id for skill in published.skills()),
        languages=published.languages(),
        countries=published.countries(),
        time_zones=published.time_zones(),
        written=written,
    )


def build_app(engine: Engine, limits: Limits) -> App:
    """Bind every use case to what it needs."""
    changes, reads, rows = engine.changes, engine.reads, StoredTimeline(engine.entries)
    return App(
        register_client=partial(register_client, changes=changes),
        submit_engagement=partial(submit_engagement, changes=changes, limits=limits),
        cancel_engagement=partial(cancel_engagement, changes=changes),
        resume_engagement=partial(resume_engagement, changes=changes),
        close_engagement=partial(close_engagement, changes=changes),
        show_engagement=partial(show_engagement, reads=reads, progress=rows),
        record_event=partial(record_event, changes=changes),
        list_timeline=partial(list_timeline, reads=reads, timeline=rows),
        find_stranded=partial(find_stranded, reads=reads, steps=rows),
    )
