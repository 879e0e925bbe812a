"""What judges send and get, and a ranking as it leaves the house."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kpo_chassis.http import Instant, PageBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_delivery.domain.scorecard import SCORE_MAX, Scorecard
from kpo_delivery.entrypoints.bodies import Text
from kpo_delivery.entrypoints.challenge_bodies import CriterionBody
from kpo_delivery.use_cases.rounds.find_assignments import Assigned
from kpo_delivery.use_cases.rounds.find_submission import BlindSubmission

CRITERIA_MAX = 12
COMMENT_CHARS_MAX = 500


class AppointBody(RequestBody):
    """Whom the client wants on the panel."""

    person_id: UUID


class DeclineBody(RequestBody):
    """Why a judge leaves."""

    reason: Annotated[Text, Field(examples=["Ill for the whole of June."])]


class VoidBody(RequestBody):
    """Why the operator ends the challenge."""

    reason: Annotated[Text, Field(examples=["The data turned out to be somebody else's."])]


class ScoreBody(RequestBody):
    """What a judge gives for one criterion."""

    criterion: Annotated[Text, Field(examples=["geology"])]
    score: Annotated[int, Field(ge=0, le=SCORE_MAX)]


class GiveScoreBody(RequestBody):
    """A scorecard: every criterion once. It cannot be changed."""

    scores: Annotated[tuple[ScoreBody, ...], Field(min_length=1, max_length=CRITERIA_MAX)]
    comment: Annotated[str, Field(max_length=COMMENT_CHARS_MAX, description="Goes into the ranking.")] = ""


class ScoredBody(ResponseBody):
    """What was given for one criterion."""

    criterion: str
    score: int


class ScorecardBody(ResponseBody):
    """A scorecard as its judge gave it: scores in the order of the call's criteria."""

    id: UUID
    challenge_id: UUID
    round: int
    seat: int
    code: str
    scores: tuple[int, ...]
    comment: str
    given_at: Instant


class AssignmentBody(ResponseBody):
    """A submission that your seat scores; `scorecard` is null until it has."""

    code: str
    round: int
    link: str = Field(description="Where to read it.")
    scorecard: ScorecardBody | None


class AssignmentPage(PageBody[AssignmentBody]):
    """A page of assignments, by code."""


class ItemBody(ResponseBody):
    """One structured answer."""

    label: str
    values: dict[str, str]


class BlindFileBody(ResponseBody):
    """The file of a submission, under no name: names tell who wrote it."""

    media_type: str = Field(examples=["text/csv"])
    size: int = Field(description="Length in bytes.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content: str = Field(description="Where the bytes are.")


class BlindSubmissionBody(ResponseBody):
    """What was submitted under a code."""

    code: str
    items: tuple[ItemBody, ...]
    file: BlindFileBody | None


class ContenderBody(ResponseBody):
    """A submission of the round."""

    code: str
    submitted_at: Instant


class CardBody(ResponseBody):
    """What one seat of the panel gave one submission."""

    code: str
    seat: int
    scores: tuple[ScoredBody, ...]
    comment: str


class RankBody(ResponseBody):
    """One row of the ranking; the score is an exact fraction."""

    rank: int
    code: str
    score: str = Field(examples=["1234/15"])


class RankingBody(ResponseBody):
    """All that a ranking is made of, and the hash of its canonical JSON without `sha256`."""

    challenge_id: UUID
    round: int
    criteria: tuple[CriterionBody, ...]
    submissions: tuple[ContenderBody, ...]
    scorecards: tuple[CardBody, ...]
    ranking: tuple[RankBody, ...]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


def ranking_body(document: Mapping[str, object]) -> RankingBody:
    return RankingBody.model_validate(document)


def scorecard_body(stored: Stored[Scorecard], _: Caller) -> ScorecardBody:
    return card_body(stored.state)


def card_body(scorecard: Scorecard) -> ScorecardBody:
    return ScorecardBody(
        id=scorecard.id,
        challenge_id=scorecard.challenge_id,
        round=scorecard.round,
        seat=scorecard.seat,
        code=scorecard.code,
        scores=scorecard.scores,
        comment=scorecard.comment,
        given_at=scorecard.given_at,
    )


def assignment_body(challenge_id: UUID, assigned: Assigned) -> AssignmentBody:
    return AssignmentBody(
        code=assigned.code,
        round=assigned.round,
        link=f"/v1/challenges/{challenge_id}/submissions/{assigned.code}",
        scorecard=card_body(assigned.scorecard) if assigned.scorecard else None,
    )


def submission_body(challenge_id: UUID, found: BlindSubmission) -> BlindSubmissionBody:
    path = f"/v1/challenges/{challenge_id}/submissions/{found.code}/content"
    file = found.file
    return BlindSubmissionBody(
        code=found.code,
        items=tuple(ItemBody(label=item.label, values=dict(item.values)) for item in found.items),
        file=BlindFileBody(media_type=file.media_type, size=file.size, sha256=file.sha256, content=path)
        if file
        else None,
    )
