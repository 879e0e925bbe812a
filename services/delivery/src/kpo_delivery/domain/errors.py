"""How delivery refuses, named as clients and vendors name it, and the one error that is never a refusal."""

from kpo_chassis.kernel import ConflictError, NotFoundError, RejectedError


class MisplacedFactError(Exception):
    """A fact met a state in which the chain of an engagement cannot produce it: a bug, so its event parks."""


class NotYourWorkOrderError(NotFoundError):
    """The caller's organisation plays another part in the work order than the one that may do this."""

    code = "not_found"


class MilestoneUnknownError(NotFoundError):
    """The work order has no milestone of this number."""

    code = "milestone_unknown"


class DeliverableUnknownError(NotFoundError):
    """There are no bytes of this id, as far as the caller may know."""

    code = "deliverable_unknown"


class WorkOrderEndedError(ConflictError):
    """The work order is completed or cancelled."""

    code = "work_order_ended"


class MilestoneStateError(ConflictError):
    """The milestone's state does not allow the action."""

    code = "milestone_state"


class CancelWishedError(ConflictError):
    """The client wishes to cancel: what is in hand is finished, nothing new is begun."""

    code = "cancellation_requested"


class ReturnsExhaustedError(ConflictError):
    """The milestone was returned as often as it may be."""

    code = "returns_exhausted"


class ContentDiffersError(ConflictError):
    """Other bytes are stored under the same deliverable id."""

    code = "content_differs"


class BytesMissingError(RejectedError):
    """A deliverable was named whose bytes have not been uploaded."""

    code = "bytes_missing"


class BytesTooOldError(RejectedError):
    """A deliverable was named whose bytes waited so long that they may be removed at any moment."""

    code = "bytes_too_old"


class DeliverableRepeatedError(RejectedError):
    """One submission names a deliverable twice."""

    code = "deliverable_repeated"


# Challenges -----------------------------------------------------------------------------------------------


class ChallengeStateError(ConflictError):
    """The challenge's state does not allow the action."""

    code = "challenge_state"


class SubmissionsClosedError(ConflictError):
    """The deadline for entering and submitting has passed."""

    code = "submissions_closed"


class NotYourChallengeError(NotFoundError):
    """The caller's organisation plays another part in the challenge than the one that may do this."""

    code = "not_found"


class NotYourSeatError(NotFoundError):
    """The caller does not sit on this seat of the panel."""

    code = "seat_not_yours"


class AssignmentUnknownError(NotFoundError):
    """There is no submission of this code, as far as the caller may know."""

    code = "submission_unknown"


class RankingUnknownError(NotFoundError):
    """The round has no ranking that the caller may see, or not yet."""

    code = "ranking_unknown"


class PanelFullError(ConflictError):
    """Every seat of the panel is taken."""

    code = "panel_full"


class JudgeConflictError(ConflictError):
    """This person cannot judge here: an entrant, a former judge, one of the client's own people."""

    code = "judge_conflict"


class ScoredAlreadyError(ConflictError):
    """The seat has given its scorecard for this submission; scorecards do not change."""

    code = "scored_already"


class ScoresIncompleteError(RejectedError):
    """A scorecard leaves out a criterion, or names one that the call does not have."""

    code = "scores_incomplete"


class JudgeUnknownError(RejectedError):
    """No active expert of this person is known."""

    code = "judge_unknown"
