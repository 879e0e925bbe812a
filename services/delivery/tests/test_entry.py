"""The rules of entries, grants, parts and seals, without clock, database and doors."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kernel import PersonId, TenantId
from kpo_delivery.domain.admission import accept_licence, expect_eligible
from kpo_delivery.domain.copies import ExpertCopy, ExpertProfile, describe_expert
from kpo_delivery.domain.entry import SUBMISSIONS_MAX, AcceptedLicence, Entry, Grant
from kpo_delivery.domain.entry_facts import Entrant, EntryEntered, SubmissionReceived
from kpo_delivery.domain.errors import (
    AlreadyTakesPartError,
    CountryExcludedError,
    ExpertUnknownError,
    GrantEndedError,
    LicenceDiffersError,
    OwnChallengeError,
    SubmissionsExhaustedError,
    SubmissionUnknownError,
)
from kpo_delivery.domain.participation import ParticipantRole, take_part
from kpo_delivery.domain.sealing import Item, SealedContent, SealedFile

from .challenge_factories import CHALLENGE_ID, CLOSES_AT, opened
from .factories import CLIENT_ID, ENGAGEMENT_ID, EXPERT_ID, NOW, VENDOR_ID

PERSON = PersonId(UUID("0a000000-0000-4000-8000-000000000301"))
ENTRY_ID = Entry.id_of(CHALLENGE_ID, PERSON)
MILLISECOND = timedelta(milliseconds=1)


def an_entry(submissions: int = 0) -> Entry:
    entrant = Entrant(ENTRY_ID, CHALLENGE_ID, ENGAGEMENT_ID, CLIENT_ID, EXPERT_ID, PERSON, VENDOR_ID)
    entry = Entry.enter(entrant, AcceptedLicence("1.0", "0" * 64, NOW), "NL", CLOSES_AT).state
    for number in range(1, submissions + 1):
        entry = entry.submit(a_content(number), NOW).state
    return entry


def a_content(number: int = 1) -> SealedContent:
    items = (Item("Ziel 1: Höhe", {"northing": "5658800.0", "easting": "431200.5"}),)
    file = SealedFile(UUID(int=7), "text/csv", 3, "ab" * 32)
    return SealedContent(CHALLENGE_ID, ENTRY_ID, PERSON, number, "5e" * 32, items, file)


def an_expert(*, country: str = "NL", employers: tuple[UUID, ...] = ()) -> ExpertCopy:
    return ExpertCopy(EXPERT_ID, ExpertProfile(PERSON, VENDOR_ID, country, employers))


# Seals ----------------------------------------------------------------------------------------------------


def test_the_commitment_of_a_content_never_changes() -> None:
    """Receipts that people hold were made by this rule: a change of it would break every one of them."""
    content = SealedContent(
        UUID(int=1),
        UUID(int=2),
        PersonId(UUID(int=3)),
        1,
        "00" * 32,
        (Item("Ziel", {"b": "2", "a": "Höhe"}),),
        None,
    )

    assert content.commitment == "c7f9c4a629016fd4dec7fc28788979082459f214d92163fd4b02d5a9cb697f6f"


@pytest.mark.parametrize(
    "changed",
    [
        replace(a_content(), nonce="01" * 32),
        replace(a_content(), number=2),
        replace(a_content(), person=PersonId(UUID(int=1))),
        replace(a_content(), items=()),
        replace(a_content(), file=None),
        replace(a_content(), entry_id=UUID(int=1)),
        replace(a_content(), challenge_id=UUID(int=1)),
    ],
)
def test_every_part_of_a_content_changes_its_commitment(changed: SealedContent) -> None:
    assert changed.commitment != a_content().commitment


def test_a_submission_holds_the_commitment_and_no_content() -> None:
    decision = an_entry().submit(a_content(), NOW)

    (fact,) = decision.facts
    assert isinstance(fact, SubmissionReceived)
    assert fact.submission.commitment == a_content().commitment
    assert "431200.5" not in repr(decision)
    assert a_content().nonce not in repr(decision)


# Entries --------------------------------------------------------------------------------------------------


def test_entering_announces_licence_and_country() -> None:
    entrant = an_entry().entrant

    decision = Entry.enter(entrant, AcceptedLicence("1.0", "0" * 64, NOW), "NL", CLOSES_AT)

    assert decision.facts == (EntryEntered(entrant, "1.0", "NL"),)


def test_the_latest_submission_counts() -> None:
    latest = an_entry(submissions=3).latest

    assert latest is not None
    assert latest.number == 3


def test_after_the_last_submission_there_is_no_next_number() -> None:
    assert an_entry(SUBMISSIONS_MAX - 1).next_number == SUBMISSIONS_MAX
    with pytest.raises(SubmissionsExhaustedError):
        _ = an_entry(SUBMISSIONS_MAX).next_number


@pytest.mark.parametrize("number", [0, 2])
def test_a_submission_that_was_not_made_is_unknown(number: int) -> None:
    with pytest.raises(SubmissionUnknownError):
        an_entry(submissions=1).submission(number)


def test_an_entry_holds_the_files_that_it_submitted() -> None:
    assert an_entry(submissions=1).holds(UUID(int=7))
    assert not an_entry(submissions=1).holds(UUID(int=8))


# Grants ---------------------------------------------------------------------------------------------------


def test_a_grant_holds_until_submissions_close() -> None:
    grant = Grant(CLOSES_AT)

    grant.expect_valid(CLOSES_AT - MILLISECOND)
    with pytest.raises(GrantEndedError, match="ended when submissions closed"):
        grant.expect_valid(CLOSES_AT)


def test_a_revoked_grant_gives_the_clients_reason() -> None:
    revoked = an_entry().revoke("The data were passed on.", NOW).state

    with pytest.raises(GrantEndedError, match="The data were passed on"):
        revoked.grant.expect_valid(NOW)


def test_the_first_reason_of_a_revocation_stays() -> None:
    revoked = an_entry().revoke("The data were passed on.", NOW).state

    assert revoked.revoke("Another reason.", NOW + MILLISECOND).state == revoked


# Who may enter --------------------------------------------------------------------------------------------


def test_an_active_expert_of_the_vendor_is_eligible() -> None:
    assert expect_eligible(opened(), an_expert(), VENDOR_ID) == an_expert()


@pytest.mark.parametrize("expert", [None, an_expert().suspend().state])
def test_what_is_not_known_of_an_expert_counts_against_them(expert: ExpertCopy | None) -> None:
    with pytest.raises(ExpertUnknownError):
        expect_eligible(opened(), expert, VENDOR_ID)


def test_an_expert_enters_for_no_other_vendor() -> None:
    with pytest.raises(ExpertUnknownError):
        expect_eligible(opened(), an_expert(), TenantId(uuid4()))


def test_people_of_the_client_and_close_to_it_are_not_eligible() -> None:
    with pytest.raises(OwnChallengeError):
        expect_eligible(opened(), None, CLIENT_ID)
    with pytest.raises(OwnChallengeError):
        expect_eligible(opened(), an_expert(employers=(CLIENT_ID,)), VENDOR_ID)


def test_people_in_an_excluded_country_are_not_eligible() -> None:
    with pytest.raises(CountryExcludedError):
        expect_eligible(opened(), an_expert(country="KP"), VENDOR_ID)


def test_the_licence_is_accepted_by_version_and_text() -> None:
    licence = opened().call.licence

    accepted = accept_licence(opened(), licence.version, licence.sha256, NOW)

    assert accepted == AcceptedLicence(licence.version, licence.sha256, NOW)
    for version, sha256 in (("0.9", licence.sha256), (licence.version, "0" * 64)):
        with pytest.raises(LicenceDiffersError):
            accept_licence(opened(), version, sha256, NOW)


@pytest.mark.parametrize("first", ParticipantRole)
@pytest.mark.parametrize("second", ParticipantRole)
def test_nobody_has_two_parts(first: ParticipantRole, second: ParticipantRole) -> None:
    part = take_part(None, CHALLENGE_ID, PERSON, first, NOW).state

    with pytest.raises(AlreadyTakesPartError, match=f"as {first} already"):
        take_part(part, CHALLENGE_ID, PERSON, second, NOW)


def test_a_suspension_survives_what_is_told_about_the_expert_later() -> None:
    suspended = an_expert().suspend().state
    moved = replace(suspended.profile, country="CA")

    described = describe_expert(suspended, EXPERT_ID, moved).state

    assert (described.is_active, described.profile.country) == (False, "CA")
