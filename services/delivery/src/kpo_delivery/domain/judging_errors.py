"""How delivery refuses what concerns the panel of a challenge, its scorecards and its rankings."""

from kpo_chassis.kernel import ConflictError, NotFoundError, RejectedError


class NotYourChallengeError(NotFoundError):
    """The caller's organisation plays another part in the challenge than the one that may do this."""

    code = "not_found"


class NotYourSeatError(NotFoundError):
    """The caller does not sit on this seat of the panel."""

    code = "seat_not_yours"


class AssignmentUnknownError(NotFoundError):
    """There is no submission of this code, as far as the caller may know."""

    code = "assignment_unknown"


class RankingUnknownError(NotFoundError):
    """The round has no ranking, or none yet that the caller may see."""

    code = "ranking_unknown"


class PanelFullError(ConflictError):
    """Every seat of the panel is taken."""

    code = "panel_full"


class ScoredAlreadyError(ConflictError):
    """The seat has given its scorecard for the submission; scorecards do not change."""

    code = "scored_already"


class ScoresIncompleteError(RejectedError):
    """A scorecard leaves out a criterion, or names one that the call does not have."""

    code = "scores_incomplete"


class JudgeUnknownError(RejectedError):
    """No active expert of this person is known."""

    code = "judge_unknown"


class JudgeConflictError(RejectedError):
    """The person is close to the client."""

    code = "judge_conflict"
