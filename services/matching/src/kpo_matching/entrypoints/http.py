"""Matching's HTTP door: vendors and experts are looked after, matches chosen and offers answered."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response, Security

from kpo_chassis.http import Reading, add_reading, command, reply, seen_command
from kpo_chassis.kernel import Command, Reads
from kpo_matching.app import App
from kpo_matching.domain.expert import Expert, ExpertStatus
from kpo_matching.domain.match import Match, MatchStatus
from kpo_matching.domain.offering import OfferReply
from kpo_matching.domain.references import References
from kpo_matching.domain.shortlist import CANDIDATES_MAX
from kpo_matching.domain.vendor import Vendor, VendorStatus
from kpo_matching.entrypoints.bodies import (
    ExpertBody,
    OnboardVendorBody,
    RegisterExpertBody,
    SuspendBody,
    UpdateExpertBody,
    UpdateVendorBody,
    VendorBody,
    expert_body,
    vendor_body,
)
from kpo_matching.entrypoints.challenges import challenges_router
from kpo_matching.entrypoints.match_bodies import ChooseBody, DeclineBody, MatchBody, match_body
from kpo_matching.entrypoints.skills import skills_router
from kpo_matching.use_cases.experts.register_expert import RegisterExpert
from kpo_matching.use_cases.experts.suspend_expert import SuspendExpert
from kpo_matching.use_cases.experts.update_expert import UpdateExpert
from kpo_matching.use_cases.matches.accept_offer import AcceptOffer
from kpo_matching.use_cases.matches.choose_candidate import ChooseCandidate
from kpo_matching.use_cases.matches.decline_offer import DeclineOffer
from kpo_matching.use_cases.vendors.onboard_vendor import OnboardVendor
from kpo_matching.use_cases.vendors.suspend_vendor import SuspendVendor
from kpo_matching.use_cases.vendors.update_vendor import UpdateVendor

OPERATOR = "operator"
VENDORS_READ, VENDORS_WRITE = "vendors:read", "vendors:write"
EXPERTS_READ, EXPERTS_WRITE = "experts:read", "experts:write"
MATCHES_READ, MATCHES_WRITE = "matches:read", "matches:write"
ANSWER = "offers:answer"

OFFER = "/v1/matches/{match_id}/offers/{number}"
Number = Annotated[int, Path(ge=1, le=CANDIDATES_MAX, description="The offer's number in its match.")]


def router(app: App, reads: Reads, references: References) -> APIRouter:
    """Give all routes of the service."""
    routes = APIRouter()
    doors = (_vendors(app, reads), _experts(app, reads), _matches(app, reads))
    for part in (*doors, challenges_router(reads), skills_router(references)):
        routes.include_router(part)
    return routes


def _vendors(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["vendors"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Vendor,
            path="/v1/vendors",
            name="vendor",
            plural="vendors",
            body=VendorBody,
            shape=vendor_body,
            scope=VENDORS_READ,
            statuses=VendorStatus,
        ),
    )
    _add_vendor_commands(routes, app)
    return routes


def _add_vendor_commands(routes: APIRouter, app: App) -> None:
    @routes.post("/v1/vendors", status_code=201)
    async def onboard_vendor(
        body: OnboardVendorBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[VENDORS_WRITE, OPERATOR])],
    ) -> VendorBody:
        """Take an organisation on as a vendor, as the operator."""
        stored = await app.onboard_vendor(OnboardVendor(body.vendor_id, body.profile), cause)
        return reply(response, stored, vendor_body, location=f"/v1/vendors/{stored.state.id}")

    @routes.post("/v1/vendors/{vendor_id}/update")
    async def update_vendor(
        vendor_id: UUID,
        body: UpdateVendorBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[VENDORS_WRITE])],
    ) -> VendorBody:
        """Replace what is known of a vendor; open offers stay as they are."""
        stored = await app.update_vendor(UpdateVendor(vendor_id, body.profile), cause)
        return reply(response, stored, vendor_body)

    @routes.post("/v1/vendors/{vendor_id}/suspend")
    async def suspend_vendor(
        vendor_id: UUID,
        body: SuspendBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[VENDORS_WRITE, OPERATOR])],
    ) -> VendorBody:
        """Stop new work for all experts of a vendor, for good, as the operator; contracts go on."""
        stored = await app.suspend_vendor(SuspendVendor(vendor_id, body.reason), cause)
        return reply(response, stored, vendor_body)


def _experts(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["experts"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Expert,
            path="/v1/experts",
            name="expert",
            plural="experts",
            body=ExpertBody,
            shape=expert_body,
            scope=EXPERTS_READ,
            statuses=ExpertStatus,
        ),
    )
    _add_expert_commands(routes, app)
    return routes


def _add_expert_commands(routes: APIRouter, app: App) -> None:
    @routes.post("/v1/experts", status_code=201)
    async def register_expert(
        body: RegisterExpertBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[EXPERTS_WRITE])],
    ) -> ExpertBody:
        """Offer a person's work, as their vendor; a person has one profile, with one vendor."""
        registering = RegisterExpert(body.vendor_id, body.person_id, body.profile)
        stored = await app.register_expert(registering, cause)
        return reply(response, stored, expert_body, location=f"/v1/experts/{stored.state.id}")

    @routes.post("/v1/experts/{expert_id}/update")
    async def update_expert(
        expert_id: UUID,
        body: UpdateExpertBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[EXPERTS_WRITE])],
    ) -> ExpertBody:
        """Replace an expert's profile; reservations and the track record stay."""
        stored = await app.update_expert(UpdateExpert(expert_id, body.profile), cause)
        return reply(response, stored, expert_body)

    @routes.post("/v1/experts/{expert_id}/suspend")
    async def suspend_expert(
        expert_id: UUID,
        body: SuspendBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[EXPERTS_WRITE])],
    ) -> ExpertBody:
        """Stop new work for an expert, for good; contracts go on.

        For somebody who is away for a while, lower the weekly hours instead.
        """
        stored = await app.suspend_expert(SuspendExpert(expert_id, body.reason), cause)
        return reply(response, stored, expert_body)


def _matches(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["matches"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Match,
            path="/v1/matches",
            name="match",
            plural="matches",
            body=MatchBody,
            shape=match_body,
            scope=MATCHES_READ,
            statuses=MatchStatus,
        ),
    )
    _add_match_commands(routes, app)
    return routes


def _add_match_commands(routes: APIRouter, app: App) -> None:
    @routes.post("/v1/matches/{match_id}/choose")
    async def choose_candidate(
        match_id: UUID,
        body: ChooseBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[MATCHES_WRITE])],
    ) -> MatchBody:
        """Ask this candidate first, as the client; the others follow by rank."""
        stored = await app.choose_candidate(ChooseCandidate(match_id, body.expert_id), cause)
        return reply(response, stored, match_body)

    @routes.post(f"{OFFER}/accept")
    async def accept_offer(
        match_id: UUID,
        number: Number,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[ANSWER])],
    ) -> MatchBody:
        """Take the work, as the asked expert or staff of the vendor: the terms become the contract."""
        stored = await app.accept_offer(AcceptOffer(match_id, _reply(number, cause)), cause)
        return reply(response, stored, match_body)

    @routes.post(f"{OFFER}/decline")
    async def decline_offer(
        match_id: UUID,
        number: Number,
        body: DeclineBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[ANSWER])],
    ) -> MatchBody:
        """Refuse the work, as the asked expert or staff of the vendor; the next candidate is asked."""
        declining = DeclineOffer(match_id, _reply(number, cause), body.reason)
        return reply(response, await app.decline_offer(declining, cause), match_body)


def _reply(number: int, cause: Command) -> OfferReply:
    return OfferReply(number, cause.caller.person, cause.caller.tenant)
