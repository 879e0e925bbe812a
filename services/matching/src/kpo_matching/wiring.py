"""Matching put together: settings, collections, use cases and doors, in plain constructor calls."""

from functools import partial

from kpo_chassis.doors import Blueprint, Doors, Engine
from kpo_matching.adapters.clients import clients
from kpo_matching.adapters.experts import experts
from kpo_matching.adapters.invitations import invitations
from kpo_matching.adapters.matches import matches
from kpo_matching.adapters.panels import panels
from kpo_matching.adapters.references import load_references
from kpo_matching.adapters.vendors import vendors
from kpo_matching.app import App
from kpo_matching.domain.references import References
from kpo_matching.entrypoints.http import router
from kpo_matching.entrypoints.kafka import handlers
from kpo_matching.entrypoints.timers import clocks
from kpo_matching.settings import MatchingSettings
from kpo_matching.use_cases.challenges.call_experts import call_experts
from kpo_matching.use_cases.challenges.end_challenge import end_challenge
from kpo_matching.use_cases.clients.copy_client import copy_client
from kpo_matching.use_cases.experts.register_expert import register_expert
from kpo_matching.use_cases.experts.suspend_expert import suspend_expert
from kpo_matching.use_cases.experts.update_expert import update_expert
from kpo_matching.use_cases.matches.accept_offer import accept_offer
from kpo_matching.use_cases.matches.choose_candidate import choose_candidate
from kpo_matching.use_cases.matches.decline_offer import decline_offer
from kpo_matching.use_cases.matches.end_work import end_work
from kpo_matching.use_cases.matches.note_cancel_wish import note_cancel_wish
from kpo_matching.use_cases.matches.open_choice import open_choice
from kpo_matching.use_cases.matches.run_match_clock import run_match_clock
from kpo_matching.use_cases.matches.shortlist_candidates import shortlist_candidates
from kpo_matching.use_cases.matches.withdraw_match import withdraw_match
from kpo_matching.use_cases.vendors.onboard_vendor import onboard_vendor
from kpo_matching.use_cases.vendors.suspend_vendor import suspend_vendor
from kpo_matching.use_cases.vendors.update_vendor import update_vendor
from kpo_matching.wire import outgoing


def blueprint(_: MatchingSettings) -> Blueprint:
    """Describe the whole service."""
    references = load_references()

    def build(engine: Engine) -> Doors:
        app = build_app(engine, references)
        return Doors(router(app, engine.reads, references), handlers(app), clocks(app))

    return Blueprint(
        name="matching",
        description="Vendors and experts: who fits, who is offered the work or told of a call, who accepts.",
        documents=(matches, invitations, panels, experts, vendors, clients),
        outgoing=outgoing,
        build=build,
    )


def build_app(engine: Engine, references: References) -> App:
    """Bind every use case to what it needs."""
    changes, offsets = engine.changes, references.offsets
    return App(
        copy_client=partial(copy_client, changes=changes),
        onboard_vendor=partial(onboard_vendor, changes=changes, references=references),
        update_vendor=partial(update_vendor, changes=changes, references=references),
        suspend_vendor=partial(suspend_vendor, changes=changes),
        register_expert=partial(register_expert, changes=changes, references=references),
        update_expert=partial(update_expert, changes=changes, references=references),
        suspend_expert=partial(suspend_expert, changes=changes),
        shortlist_candidates=partial(
            shortlist_candidates, changes=changes, reads=engine.reads, offsets=offsets
        ),
        open_choice=partial(open_choice, changes=changes),
        withdraw_match=partial(withdraw_match, changes=changes),
        note_cancel_wish=partial(note_cancel_wish, changes=changes),
        choose_candidate=partial(choose_candidate, changes=changes),
        accept_offer=partial(accept_offer, changes=changes),
        decline_offer=partial(decline_offer, changes=changes),
        run_match_clock=partial(run_match_clock, changes=changes),
        end_work=partial(end_work, changes=changes),
        call_experts=partial(call_experts, changes=changes, reads=engine.reads),
        end_challenge=partial(end_challenge, changes=changes),
    )
