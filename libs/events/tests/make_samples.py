"""Write a sample record for every event version that has none: `python -m libs.events.tests.make_samples`.

A sample that exists is never written again: it stands for what lies in logs.
"""

import json
from pathlib import Path
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from kpo_events.catalogue import CATALOGUE, Event, Record, record
from kpo_events.payload import Payload
from kpo_events.schemas import schema_name

from .factories import a_clock, a_payload, an_event, an_origin

SAMPLES = Path(__file__).parent / "samples"

_OBJECT = TypeAdapter(dict[str, JsonValue])

_SUBJECTS = {
    "intake.client": "client_id",
    "intake.engagement": "engagement_id",
    "matching.vendor": "vendor_id",
    "matching.expert": "expert_id",
    "matching.match": "match_id",
    "matching.invitation": "invitation_id",
    "matching.panel": "panel_id",
    "delivery.workorder": "work_order_id",
    "delivery.challenge": "challenge_id",
    "delivery.entry": "entry_id",
    "billing.escrow": "escrow_id",
    "billing.invoice": "invoice_id",
    "billing.payout": "payout_id",
}
"""Which field of a payload is the id of the aggregate that announces it."""

_BY_CLOCK = {
    "matching.match.offer_expired.v1",
    "delivery.workorder.review_reminded.v1",
    "delivery.workorder.milestone_accepted.v1",
    "delivery.workorder.delivery_overdue.v1",
    "delivery.challenge.submissions_closed.v1",
    "delivery.challenge.round_judged.v1",
    "billing.escrow.lapsed.v1",
}
"""Which of the sample events happened because time passed."""


def a_sample_event(event_type: str) -> Event[Payload]:
    payload = a_payload(event_type)
    subject = payload.model_dump()[_SUBJECTS[CATALOGUE[event_type].topic]]
    assert isinstance(subject, UUID), f"{event_type} does not name its own aggregate"
    origin = a_clock() if event_type in _BY_CLOCK else an_origin()
    return an_event(payload, origin=origin, subject=subject)


def sample_text(written: Record) -> str:
    """Write a record so that a person can read it: headers as text, the value as JSON."""
    sample = {
        "topic": written.topic,
        "key": written.key.decode(),
        "headers": {name: value.decode() for name, value in written.headers},
        "value": _OBJECT.validate_json(written.value),
    }
    return json.dumps(sample, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for entry in CATALOGUE.values():
        path = SAMPLES / schema_name(entry.model)
        if not path.exists():
            path.write_text(sample_text(record(a_sample_event(entry.type))), encoding="utf-8")


if __name__ == "__main__":
    main()
