"""Delivery put together: settings, collections, use cases and doors, in plain constructor calls."""

from functools import partial

from kpo_chassis.doors import Blueprint, Doors, Engine
from kpo_delivery.adapters.assignments import assignments
from kpo_delivery.adapters.challenges import challenges
from kpo_delivery.adapters.copies import client_copies, expert_copies
from kpo_delivery.adapters.datasets import datasets
from kpo_delivery.adapters.downloads import StoredDownloads, downloads
from kpo_delivery.adapters.entries import entries
from kpo_delivery.adapters.participations import participations
from kpo_delivery.adapters.scorecards import scorecards
from kpo_delivery.adapters.sealed_contents import sealed_contents
from kpo_delivery.adapters.tallies import tallies
from kpo_delivery.adapters.work_orders import work_orders
from kpo_delivery.app import App, Challenges, Entrants
from kpo_delivery.entrypoints.http import router
from kpo_delivery.entrypoints.kafka import handlers
from kpo_delivery.entrypoints.timers import clocks, jobs
from kpo_delivery.settings import DeliverySettings
from kpo_delivery.use_cases.challenges.answer_cancel_wish import answer_cancel_wish
from kpo_delivery.use_cases.challenges.close_submissions import close_submissions
from kpo_delivery.use_cases.challenges.fund_challenge import fund_challenge
from kpo_delivery.use_cases.challenges.lapse_challenge import lapse_challenge
from kpo_delivery.use_cases.challenges.note_fee import note_fee
from kpo_delivery.use_cases.challenges.plan_challenge import plan_challenge
from kpo_delivery.use_cases.challenges.run_challenge_clock import ChallengeClock, run_challenge_clock
from kpo_delivery.use_cases.challenges.void_challenge import void_challenge
from kpo_delivery.use_cases.content.remove_unreferenced_content import remove_unreferenced_content
from kpo_delivery.use_cases.copies.copy_client import copy_client
from kpo_delivery.use_cases.copies.copy_expert import copy_expert
from kpo_delivery.use_cases.copies.suspend_expert import suspend_expert
from kpo_delivery.use_cases.datasets.admit_dataset import admit_dataset
from kpo_delivery.use_cases.datasets.register_dataset import register_dataset
from kpo_delivery.use_cases.entries.admit_file import admit_file
from kpo_delivery.use_cases.entries.download_dataset import download_dataset
from kpo_delivery.use_cases.entries.enter_challenge import enter_challenge
from kpo_delivery.use_cases.entries.list_downloads import list_downloads
from kpo_delivery.use_cases.entries.open_submission import open_submission
from kpo_delivery.use_cases.entries.revoke_grant import revoke_grant
from kpo_delivery.use_cases.entries.submit_entry import submit_entry
from kpo_delivery.use_cases.panels.appoint_judge import appoint_judge
from kpo_delivery.use_cases.panels.call_spares import call_spares
from kpo_delivery.use_cases.panels.decline_seat import decline_seat
from kpo_delivery.use_cases.panels.propose_panel import propose_panel
from kpo_delivery.use_cases.rounds.close_round import close_round
from kpo_delivery.use_cases.rounds.find_assignments import find_assignments
from kpo_delivery.use_cases.rounds.find_ranking import find_ranking
from kpo_delivery.use_cases.rounds.find_submission import find_submission
from kpo_delivery.use_cases.rounds.give_score import give_score
from kpo_delivery.use_cases.rounds.run_tally_clock import run_tally_clock
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

    def build(engine: Engine) -> Doors:
        app = build_app(engine, settings)
        routes = router(app, engine.reads, engine.blobs, settings.signer)
        return Doors(routes, handlers(app), clocks(app), jobs(app))

    return Blueprint(
        name="delivery",
        description="Work orders, from milestone to milestone, and open calls, from the purse to the awards.",
        documents=(
            *(work_orders, challenges, tallies, scorecards),
            *(datasets, participations, entries, expert_copies, client_copies),
        ),
        entries=(sealed_contents, downloads, assignments),
        outgoing=outgoing,
        build=build,
    )


def build_app(engine: Engine, settings: DeliverySettings) -> App:
    """Bind every use case to what it needs."""
    changes, reads, contents = engine.changes, engine.reads, engine.blobs
    policy = settings.policy
    return App(
        challenges=build_challenges(engine, settings),
        entrants=build_entrants(engine),
        open_work_order=partial(open_work_order, changes=changes),
        note_cancel_wish=partial(note_cancel_wish, changes=changes),
        run_work_order_clock=partial(run_work_order_clock, changes=changes, policy=policy),
        submit_milestone=partial(
            submit_milestone, changes=changes, reads=reads, contents=contents, policy=policy
        ),
        return_milestone=partial(return_milestone, changes=changes, policy=policy),
        accept_milestone=partial(accept_milestone, changes=changes),
        admit_deliverable=partial(admit_deliverable, reads=reads, contents=contents),
        find_deliverable=partial(find_deliverable, reads=reads),
        remove_unreferenced_content=partial(remove_unreferenced_content, reads=reads, contents=contents),
    )


def build_challenges(engine: Engine, settings: DeliverySettings) -> Challenges:
    """Bind what concerns open calls."""
    changes, reads, entries = engine.changes, engine.reads, engine.entries
    steps = build_steps(engine, settings)
    return Challenges(
        plan_challenge=partial(plan_challenge, changes=changes),
        note_fee=partial(note_fee, changes=changes),
        fund_challenge=partial(fund_challenge, changes=changes),
        lapse_challenge=partial(lapse_challenge, changes=changes),
        answer_cancel_wish=partial(answer_cancel_wish, changes=changes),
        propose_panel=partial(propose_panel, changes=changes),
        run_challenge_clock=partial(run_challenge_clock, reads=reads, steps=steps),
        run_tally_clock=partial(run_tally_clock, reads=reads, close_round=steps.close_round),
        appoint_judge=partial(appoint_judge, changes=changes),
        decline_seat=partial(decline_seat, changes=changes),
        void_challenge=partial(void_challenge, changes=changes),
        give_score=partial(give_score, changes=changes, reads=reads, entries=entries),
        find_assignments=partial(find_assignments, reads=reads, entries=entries),
        find_submission=partial(find_submission, reads=reads, entries=entries),
        find_ranking=partial(find_ranking, reads=reads, entries=entries),
    )


def build_entrants(engine: Engine) -> Entrants:
    """Bind what concerns datasets and entries."""
    changes, reads, contents, entries = engine.changes, engine.reads, engine.blobs, engine.entries
    return Entrants(
        copy_client=partial(copy_client, changes=changes),
        copy_expert=partial(copy_expert, changes=changes),
        suspend_expert=partial(suspend_expert, changes=changes),
        admit_dataset=partial(admit_dataset, reads=reads, contents=contents),
        register_dataset=partial(register_dataset, changes=changes, contents=contents),
        download_dataset=partial(download_dataset, changes=changes),
        list_downloads=partial(list_downloads, reads=reads, downloads=StoredDownloads(entries)),
        revoke_grant=partial(revoke_grant, changes=changes),
        enter_challenge=partial(enter_challenge, changes=changes),
        admit_file=partial(admit_file, reads=reads, contents=contents),
        submit_entry=partial(submit_entry, changes=changes, contents=contents),
        open_submission=partial(open_submission, changes=changes, entries=entries),
    )


def build_steps(engine: Engine, settings: DeliverySettings) -> ChallengeClock:
    """Bind what the clocks of a challenge may do."""
    changes, reads, key = engine.changes, engine.reads, settings.blind_key.encode()
    return ChallengeClock(
        close_submissions=partial(close_submissions, changes=changes, reads=reads, blind_key=key),
        call_spares=partial(call_spares, changes=changes, policy=settings.judging_policy),
        close_round=partial(close_round, changes=changes, reads=reads, entries=engine.entries),
    )
