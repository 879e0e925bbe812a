"""The routes of open calls: everybody reads them, clients and judges run their panels."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request, Response, Security

from kpo_chassis.blobs import Blobs
from kpo_chassis.http import (
    LIMIT_DEFAULT,
    Cursor,
    Download,
    HttpProblem,
    Limit,
    Reading,
    add_reading,
    caller,
    command,
    content_get,
    download,
    edge_of,
    only_parameters,
    reply,
    route_template,
)
from kpo_chassis.kernel import Caller, Command, PersonId, Reads
from kpo_delivery.app import Challenges
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus
from kpo_delivery.domain.ranking_export import export
from kpo_delivery.domain.round import CODE_CHARS
from kpo_delivery.entrypoints.challenge_bodies import ChallengeBody, challenge_body
from kpo_delivery.entrypoints.challenge_filters import ChallengeFilters
from kpo_delivery.entrypoints.judging_bodies import (
    AppointBody,
    AssignmentPage,
    BlindSubmissionBody,
    DeclineBody,
    GiveScoreBody,
    RankingBody,
    ScorecardBody,
    VoidBody,
    assignment_body,
    ranking_body,
    scorecard_body,
    submission_body,
)
from kpo_delivery.use_cases.challenges.void_challenge import VoidChallenge
from kpo_delivery.use_cases.panels.appoint_judge import AppointJudge
from kpo_delivery.use_cases.panels.decline_seat import DeclineSeat
from kpo_delivery.use_cases.rounds.find_assignments import FindAssignments
from kpo_delivery.use_cases.rounds.find_ranking import FindRanking
from kpo_delivery.use_cases.rounds.find_submission import FindSubmission
from kpo_delivery.use_cases.rounds.give_score import GiveScore

READ, JUDGE, MANAGE, OPERATOR = "challenges:read", "challenges:judge", "challenges:manage", "operator"
ALL = "/v1/challenges"
ONE = f"{ALL}/{{challenge_id}}"
SUBMISSION = f"{ONE}/submissions/{{code}}"
SEATS_MAX = 15
ROUNDS_MAX = 4

Code = Annotated[
    str, Path(min_length=CODE_CHARS, max_length=CODE_CHARS, description="The blind code of a submission.")
]
SeatNumber = Annotated[int, Path(ge=1, le=SEATS_MAX, description="The seat of the panel.")]
RoundNumber = Annotated[int, Path(ge=1, le=ROUNDS_MAX, description="The round.")]


def challenges_router(app: Challenges, reads: Reads, blobs: Blobs) -> APIRouter:
    """Give the routes of challenges, panels and rounds."""
    routes = APIRouter(tags=["challenges"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Challenge,
            path=ALL,
            name="challenge",
            plural="challenges",
            body=ChallengeBody,
            shape=challenge_body,
            scope=READ,
            statuses=ChallengeStatus,
            filters=ChallengeFilters,
        ),
    )
    _add_panels(routes, app)
    _add_scores(routes, app)
    _add_submissions(routes, app, blobs)
    return routes


def _add_panels(routes: APIRouter, app: Challenges) -> None:
    @routes.post(f"{ONE}/judges")
    async def appoint_judge(
        challenge_id: UUID,
        body: AppointBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[MANAGE])],
    ) -> ChallengeBody:
        """Give the next free seat of the panel to an expert, as the client, before submissions close."""
        wanted = AppointJudge(challenge_id, PersonId(body.person_id))
        return reply(response, await app.appoint_judge(wanted, cause), challenge_body)

    @routes.post(f"{ONE}/seats/{{number}}/decline")
    async def decline_seat(
        challenge_id: UUID,
        number: SeatNumber,
        body: DeclineBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[JUDGE])],
    ) -> ChallengeBody:
        """Leave the panel as the judge of a seat; the next of the bench does what is left."""
        wanted = DeclineSeat(challenge_id, number, body.reason)
        return reply(response, await app.decline_seat(wanted, cause), challenge_body)

    @routes.post(f"{ONE}/void")
    async def void_challenge(
        challenge_id: UUID,
        body: VoidBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[OPERATOR])],
    ) -> ChallengeBody:
        """End a challenge as the operator; rounds that were judged are paid, the rest goes back."""
        stored = await app.void_challenge(VoidChallenge(challenge_id, body.reason), cause)
        return reply(response, stored, challenge_body)


def _add_scores(routes: APIRouter, app: Challenges) -> None:
    @routes.get(f"{ONE}/assignments", dependencies=[Depends(only_parameters("limit", "cursor"))])
    async def list_assignments(
        challenge_id: UUID,
        request: Request,
        who: Annotated[Caller, Security(caller, scopes=[JUDGE])],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> AssignmentPage:
        """List what your seat scores in the round that is judged now, by code."""
        cursors, filters = edge_of(request).cursors, (route_template(request), str(challenge_id))
        after = cursors.open(cursor, filters) if cursor else None
        found = await app.find_assignments(FindAssignments(challenge_id, after, limit + 1), who)
        shown = found[:limit]
        more = cursors.seal(shown[-1].code, filters) if len(found) > limit else None
        return AssignmentPage(
            items=tuple(assignment_body(challenge_id, each) for each in shown), next_cursor=more
        )

    @routes.post(f"{SUBMISSION}/score")
    async def give_score(
        challenge_id: UUID,
        code: Code,
        body: GiveScoreBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[JUDGE])],
    ) -> ScorecardBody:
        """Score a submission as a judge whose seat it is assigned to: every criterion once, for good."""
        scores = tuple((each.criterion, each.score) for each in body.scores)
        stored = await app.give_score(GiveScore(challenge_id, code, scores, body.comment), cause)
        return reply(response, stored, scorecard_body)


def _add_submissions(routes: APIRouter, app: Challenges, blobs: Blobs) -> None:
    @routes.get(SUBMISSION)
    async def get_submission(
        challenge_id: UUID, code: Code, who: Annotated[Caller, Security(caller, scopes=[READ])]
    ) -> BlindSubmissionBody:
        """Read a submission under its code, as a judge of it; as the client once all is awarded."""
        found = await app.find_submission(FindSubmission(challenge_id, code), who)
        return submission_body(challenge_id, found)

    @content_get(routes, f"{SUBMISSION}/content")
    async def get_submission_content(
        challenge_id: UUID,
        code: Code,
        asked: Annotated[Download, Depends(download)],
        who: Annotated[Caller, Security(caller, scopes=[READ])],
    ) -> Response:
        """Download the file of a submission, or a range of it; nothing in it is named after its author."""
        found = await app.find_submission(FindSubmission(challenge_id, code), who)
        if found.key is None:
            raise HttpProblem(404, "content_not_found", "This submission has no file.")
        return await asked.answer(blobs, found.key)

    @routes.get(f"{ONE}/rounds/{{number}}/ranking")
    async def get_ranking(
        challenge_id: UUID, number: RoundNumber, who: Annotated[Caller, Security(caller, scopes=[READ])]
    ) -> RankingBody:
        """Read a ranking and all that it is made of: for who takes part at once, for all after the end."""
        return ranking_body(export(await app.find_ranking(FindRanking(challenge_id, number), who)))
