"""The receipt of a submission: what was committed to, by whom and when, signed by the platform.

It is made from what is stored each time it is shown, and is the same each time: Ed25519 has no randomness.
"""

from datetime import UTC

from kpo_chassis.signing import Signer
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.entry_facts import Submission
from kpo_delivery.domain.sealing import RECEIPT_TYPE


def receipt(signer: Signer, entry: Entry, submission: Submission) -> str:
    """Sign a receipt as a compact JWS."""
    at = submission.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return signer.sign(
        RECEIPT_TYPE,
        {
            "challenge_id": str(entry.challenge_id),
            "entry_id": str(entry.id),
            "person_id": str(entry.entrant.person),
            "submission": submission.number,
            "commitment": submission.commitment,
            "submitted_at": at,
        },
    )
