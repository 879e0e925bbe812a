"""How intake refuses, named as clients name it, and the one error that is never a refusal."""

from kpo_chassis.kernel import ConflictError, RejectedError


class MisplacedFactError(Exception):
    """A fact met a state in which the chain of an engagement cannot produce it: a bug, so its event parks."""


class ClientExistsError(ConflictError):
    """The organisation is registered already."""

    code = "client_exists"


class EngagementClosedError(ConflictError):
    """Nothing is left to be done about the engagement."""

    code = "engagement_closed"


class ClientUnknownError(RejectedError):
    """The caller's organisation is no registered client."""

    code = "client_unknown"


class TextTooLongError(RejectedError):
    """A text does not fit into the event that carries it."""

    code = "text_too_long"


class NameRepeatedError(RejectedError):
    """A list names something twice."""

    code = "name_repeated"


class SkillUnknownError(RejectedError):
    """No skill of the published list has this id."""

    code = "skill_unknown"


class LanguageUnknownError(RejectedError):
    """No language of the published list has this code."""

    code = "language_unknown"


class CountryUnknownError(RejectedError):
    """No country of ISO 3166-1 has this code."""

    code = "country_unknown"


class TimeZoneUnknownError(RejectedError):
    """No IANA time zone has this name."""

    code = "time_zone_unknown"


class AmountNotPositiveError(RejectedError):
    """Work is paid: every amount is above zero."""

    code = "amount_not_positive"


class CurrencyDiffersError(RejectedError):
    """An engagement has one currency."""

    code = "currency_differs"


class SumDiffersError(RejectedError):
    """The milestones do not add up to the budget."""

    code = "sum_differs"


class ChallengeConfidentialError(RejectedError):
    """An open call cannot be confidential: whoever may enter it reads it."""

    code = "challenge_confidential"


class PrizesAbovePurseError(RejectedError):
    """A challenge promises more than its purse holds."""

    code = "prizes_above_purse"


class PrizesWithoutPickError(RejectedError):
    """A round has more prizes than it picks submissions."""

    code = "prizes_without_pick"


class PrizesOutOfRangeError(RejectedError):
    """A challenge has no prize, or more than its award can name."""

    code = "prizes_out_of_range"


class PicksNotFallingError(RejectedError):
    """A round would pick as many submissions as it is given."""

    code = "picks_not_falling"


class DeadlineOutOfRangeError(RejectedError):
    """The money must be possible to pay, and not wanted for ever."""

    code = "deadline_out_of_range"


class DurationOutOfRangeError(RejectedError):
    """A step of the engagement would be too short or too long."""

    code = "duration_out_of_range"


class FollowsUnknownError(RejectedError):
    """The engagement to be followed does not exist, or is another client's: the caller cannot tell which."""

    code = "follows_unknown"


class FollowsUnendedError(RejectedError):
    """Only an engagement that has ended can be followed by another."""

    code = "follows_unended"
