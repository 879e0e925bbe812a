"""How matching refuses, named as its users name it, and the one error that is never a refusal."""

from kpo_chassis.kernel import ConflictError, NotFoundError, RejectedError


class MisplacedFactError(Exception):
    """A fact met a state in which the chain of an engagement cannot produce it: a bug, so its event parks."""


class VendorExistsError(ConflictError):
    """The organisation offers experts already."""

    code = "vendor_exists"


class VendorSuspendedError(ConflictError):
    """A suspended vendor gets no new work and no new experts."""

    code = "vendor_suspended"


class ExpertExistsError(ConflictError):
    """A person has one profile, so that their weekly hours are counted once."""

    code = "expert_exists"


class ExpertSuspendedError(ConflictError):
    """A suspended expert gets no new work."""

    code = "expert_suspended"


class UnknownReferenceError(RejectedError):
    """A code that no published list knows: a skill, language, country or time zone."""

    code = "reference_unknown"


class NotChoosingError(ConflictError):
    """The client chooses only between the funding and the first offer."""

    code = "match_not_choosing"


class NotACandidateError(RejectedError):
    """Only somebody on the shortlist can be chosen."""

    code = "not_a_candidate"


class OfferNotFoundError(NotFoundError):
    """The match has no such offer, as far as this caller may know."""

    code = "offer_not_found"


class OfferNotYoursError(RejectedError):
    """An offer is answered by the expert it asks, or by staff of the expert's vendor."""

    code = "offer_not_yours"


class OfferClosedError(ConflictError):
    """The offer has its answer already."""

    code = "offer_closed"


class OfferExpiredError(ConflictError):
    """The time to accept is over; the clock will ask the next candidate."""

    code = "offer_expired"


class ConflictOfInterestError(ConflictError):
    """The expert is too close to the client, or it cannot be ruled out."""

    code = "conflict_of_interest"
