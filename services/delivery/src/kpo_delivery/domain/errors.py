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


# Entrants -------------------------------------------------------------------------------------------------


class AlreadyTakesPartError(ConflictError):
    """The person has a part in the challenge already, and nobody has two."""

    code = "already_takes_part"


class LicenceDiffersError(ConflictError):
    """Another licence was accepted than the one that the data come under."""

    code = "licence_differs"


class OwnChallengeError(RejectedError):
    """Somebody close to the client wants to enter its challenge."""

    code = "own_challenge"


class CountryExcludedError(RejectedError):
    """The challenge is not open to entrants who live in this country."""

    code = "country_excluded"


class ExpertUnknownError(RejectedError):
    """The caller is no expert of the vendor that they act for, or a suspended one."""

    code = "expert_unknown"


class NotYourEntryError(NotFoundError):
    """The entry belongs to another person."""

    code = "not_found"


class EntryUnknownError(NotFoundError):
    """The challenge has no such entry."""

    code = "entry_unknown"


class NotEnteredError(ConflictError):
    """Somebody wants the data of a challenge that they have not entered."""

    code = "not_entered"


class GrantEndedError(ConflictError):
    """The right to download the data has expired or was revoked."""

    code = "grant_ended"


class SubmissionsExhaustedError(ConflictError):
    """The entrant has submitted as often as they may."""

    code = "submissions_exhausted"


class SubmissionEmptyError(RejectedError):
    """Neither items nor a file were submitted."""

    code = "submission_empty"


class SubmissionUnknownError(NotFoundError):
    """The entry has no submission of this number."""

    code = "submission_unknown"


class SealedError(ConflictError):
    """Nobody may read what was submitted before submissions have closed."""

    code = "sealed"


class DatasetExistsError(ConflictError):
    """Another dataset has this id."""

    code = "dataset_exists"


class DatasetUnknownError(NotFoundError):
    """The challenge has no dataset of this id."""

    code = "dataset_unknown"
