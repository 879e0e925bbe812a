"""One person's entry to a challenge: the licence accepted, the grant to the data, what was submitted."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, PersonId, Task, TenantId
from kpo_delivery.domain.entry_facts import Entrant, EntryEntered, EntryFact, Submission, SubmissionReceived
from kpo_delivery.domain.errors import (
    GrantEndedError,
    NotYourEntryError,
    SubmissionsExhaustedError,
    SubmissionUnknownError,
)
from kpo_delivery.domain.sealing import SealedContent

SUBMISSIONS_MAX = 10
"""How often one entrant may submit; the latest counts."""


class EntryStatus(StrEnum):
    """`submitted`: there is something that counts."""

    ENTERED = "entered"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class AcceptedLicence:
    """What the entrant agreed to: `sha256` over the text, in lower-case hexadecimal."""

    version: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """The client took the data away again."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to download the challenge's data."""

    expires_at: datetime
    revocation: Revocation | None = None

    def expect_valid(self, now: datetime) -> None:
        if self.revocation is not None:
            raise GrantEndedError(f"The client has revoked your access to the data: {self.revocation.reason}")
        if now >= self.expires_at:
            raise GrantEndedError("Access to the data ended when submissions closed.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What an entrant has at a challenge; what the submissions say lies apart, sealed."""

    id: UUID
    entrant: Entrant
    licence: AcceptedLicence
    grant: Grant
    submissions: tuple[Submission, ...] = ()

    @staticmethod
    def id_of(challenge_id: UUID, person: UUID) -> UUID:
        return uuid5(challenge_id, f"entry:{person}")

    @classmethod
    def enter(
        cls, entrant: Entrant, licence: AcceptedLicence, country: str, expires_at: datetime
    ) -> "EntryDecision":
        """Begin; `country` is where the entrant lives now, for the announcement alone."""
        entry = cls(entrant.entry_id, entrant, licence, Grant(expires_at))
        return Decision(entry, (EntryEntered(entrant, licence.version, country),))

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def challenge_id(self) -> UUID:
        return self.entrant.challenge_id

    @property
    def status(self) -> EntryStatus:
        return EntryStatus.SUBMITTED if self.submissions else EntryStatus.ENTERED

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.entrant.vendor})

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        return ()

    @property
    def latest(self) -> Submission | None:
        """What counts."""
        return self.submissions[-1] if self.submissions else None

    def holds(self, file_id: UUID) -> bool:
        """Say whether a file was ever submitted."""
        return any(submission.file_id == file_id for submission in self.submissions)

    def submission(self, number: int) -> Submission:
        if not 1 <= number <= len(self.submissions):
            raise SubmissionUnknownError(f"The entry has no submission {number}.")
        return self.submissions[number - 1]

    # Who may act ------------------------------------------------------------------------------------------

    def is_of(self, person: PersonId) -> bool:
        return person == self.entrant.person

    def expect_person(self, by: PersonId) -> None:
        """Only who accepted the licence may use it and speak for the entry, not their whole vendor."""
        if not self.is_of(by):
            raise NotYourEntryError(f"You have no entry {self.id}.")

    # What happens to it -----------------------------------------------------------------------------------

    @property
    def next_number(self) -> int:
        """Number what is submitted next; SubmissionsExhaustedError when that was the last one."""
        if len(self.submissions) >= SUBMISSIONS_MAX:
            raise SubmissionsExhaustedError(
                f"You have submitted {SUBMISSIONS_MAX} times, which is the limit; the latest counts."
            )
        return len(self.submissions) + 1

    def submit(self, content: SealedContent, now: datetime) -> "EntryDecision":
        """Take a sealed submission; whoever calls has numbered it with `next_number`."""
        assert content.number == len(self.submissions) + 1, f"{content.id} is not the next submission"
        file_id = content.file.id if content.file else None
        submission = Submission(content.number, now, content.commitment, file_id)
        after = replace(self, submissions=(*self.submissions, submission))
        return Decision(after, (SubmissionReceived(self.entrant, submission),))

    def revoke(self, reason: str, now: datetime) -> "EntryDecision":
        """Take the data away; the first reason stays."""
        if self.grant.revocation is not None:
            return Decision(self)
        return Decision(replace(self, grant=replace(self.grant, revocation=Revocation(now, reason))))


EntryDecision: TypeAlias = Decision[Entry, EntryFact]
