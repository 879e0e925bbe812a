"""One engagement told in sample events, from filing to payout, with what can go wrong beside it."""

from typing import Final, TypeAlias

from pydantic import JsonValue

Body: TypeAlias = dict[str, JsonValue]

CLIENT_ID: Final = "0199f0d2-1c00-7a11-8b6e-3d1f0c5a9e01"
VENDOR_ID: Final = "0199f0d2-2d00-7a12-9c7f-4e2a1d6bae02"
EXPERT_ID: Final = "0199f0d2-3e00-7a13-8d80-5f3b2e7cbf03"
PERSON_ID: Final = "0199f0d2-3e01-7a14-9e91-604c3f8dc004"
OTHER_EXPERT_ID: Final = "0199f0d2-3f00-7a15-8fa2-715d409ed105"
OTHER_VENDOR_ID: Final = "0199f0d2-4000-7a16-90b3-826e51afe206"
ENGAGEMENT_ID: Final = "0199f0d2-5100-7a17-81c4-937f62b0f307"
MATCH_ID: Final = "6f1c7b52-0d7e-5b1a-9a3e-2c4d5e6f7a08"
WORK_ORDER_ID: Final = "7a2d8c63-1e8f-5c2b-8b4f-3d5e6f708b09"
ESCROW_ID: Final = "8b3e9d74-2f90-5d3c-9c50-4e6f70819c10"
INVOICE_ID: Final = "9c4fae85-30a1-5e4d-8d61-5f708192ad11"
PAYOUT_ID: Final = "ad50bf96-41b2-5f5e-9e72-60819203be12"
CALL_ENGAGEMENT_ID: Final = "0199f0d2-7300-7a19-93e6-b59084d21514"
CHALLENGE_ID: Final = "be61c0a7-52c3-5a6f-8f83-71920a14cf15"
ENTRY_ID: Final = "cf72d1b8-63d4-5b70-9094-82a31b25d016"
PANEL_ID: Final = "d083e2c9-74e5-5c81-81a5-93b42c36e117"
INVITATION_ID: Final = "e194f3da-85f6-5d92-92b6-a4c53d47f218"
JUDGE_PERSON_ID: Final = "0199f0d2-3f01-7a1a-a4f7-c6a195e32619"
SPARE_EXPERT_ID: Final = "0199f0d2-3f02-7a1b-b508-d7b2a6f43720"
SPARE_PERSON_ID: Final = "0199f0d2-3f03-7a1c-8619-e8c3b7054821"
DELIVERABLE_ID: Final = "0199f0d2-6200-7a18-82d5-a48f73c10413"


def eur(amount: str) -> JsonValue:
    return {"amount": amount, "currency": "EUR"}


def waiting_on(party: str, until: str | None) -> JsonValue:
    return {"party": party, "until": until}


_MILESTONES: Final[JsonValue] = [
    {"number": 1, "title": "Search prototype", "amount": eur("4000.00"), "due_within": "P14D"},
    {"number": 2, "title": "Search in service", "amount": eur("8500.00"), "due_within": "P42D"},
]
_CLIENT: Final[Body] = {
    "client_id": CLIENT_ID,
    "name": "Kanzlei Müller & Öztürk",
    "country": "DE",
    "currency": "EUR",
}
_VENDOR: Final[Body] = {
    "vendor_id": VENDOR_ID,
    "name": "Savane Données SARL",
    "country": "SN",
    "currencies": ["EUR", "XOF"],
}
_EXPERT: Final[Body] = {
    "expert_id": EXPERT_ID,
    "person_id": PERSON_ID,
    "vendor_id": VENDOR_ID,
    "country": "SN",
    "employers": [OTHER_VENDOR_ID],
    "relations": [],
}
_ENGAGEMENT: Final[Body] = {"engagement_id": ENGAGEMENT_ID, "client_id": CLIENT_ID}
_NOBODY: Final[Body] = {**_ENGAGEMENT, "waiting_on": None}
_MATCH: Final[Body] = {**_NOBODY, "match_id": MATCH_ID}
_OFFER: Final[Body] = {**_MATCH, "offer_number": 1, "expert_id": EXPERT_ID, "vendor_id": VENDOR_ID}
_WORK: Final[Body] = {
    **_NOBODY,
    "work_order_id": WORK_ORDER_ID,
    "vendor_id": VENDOR_ID,
    "expert_id": EXPERT_ID,
}
_MILESTONE: Final[Body] = {**_WORK, "milestone": 1}
_ESCROW: Final[Body] = {**_NOBODY, "escrow_id": ESCROW_ID, "mode": "assignment"}
_CALL: Final[Body] = {
    "engagement_id": CALL_ENGAGEMENT_ID,
    "client_id": CLIENT_ID,
    "challenge_id": CHALLENGE_ID,
}
_RUNNING: Final[Body] = {**_CALL, "waiting_on": None}
_SOLVER: Final[Body] = {"expert_id": EXPERT_ID, "person_id": PERSON_ID, "vendor_id": VENDOR_ID}
_JUDGE: Final[Body] = {
    "expert_id": OTHER_EXPERT_ID,
    "person_id": JUDGE_PERSON_ID,
    "vendor_id": OTHER_VENDOR_ID,
}
_SEAT: Final[Body] = {**_RUNNING, "seat": 1, **_JUDGE}
_ENTRY: Final[Body] = {**_CALL, "entry_id": ENTRY_ID, **_SOLVER}
_ROUNDS: Final[JsonValue] = [
    {"number": 1, "picks": 2, "prizes": [eur("10000.00"), eur("10000.00")], "judge_within": "P14D"},
    {"number": 2, "picks": 1, "prizes": [eur("105000.00")], "judge_within": "P14D"},
]
_PAYOUT: Final[Body] = {
    "payout_id": PAYOUT_ID,
    "payee_kind": "vendor",
    "payee_id": VENDOR_ID,
    "amount": eur("3600.00"),
    "engagement_id": ENGAGEMENT_ID,
    "milestone": 1,
    "award": None,
}

_INTAKE: Final[dict[str, Body]] = {
    "intake.client.registered.v1": _CLIENT,
    "intake.client.updated.v1": {**_CLIENT, "name": "Müller Öztürk Rechtsanwälte PartG"},
    "intake.engagement.submitted.v1": {
        **_NOBODY,
        "title": "Search our own judgments",
        "practice_area": "software",
        "mode": "assignment",
        "brief": "We keep 40,000 judgments as scans. Make them searchable, in German and French.",
        "required_skills": [
            {"skill": "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d", "level": 4}
        ],
        "wished_skills": [],
        "languages": [{"language": "fr", "level": "C1"}, {"language": "de", "level": "B2"}],
        "jurisdictions": ["DE"],
        "overlap": {"time_zone": "Europe/Berlin", "hours": 4},
        "budget": eur("12500.00"),
        "fund_by": "2026-03-09T09:30:00Z",
        "confidential": True,
        "follows": None,
        "assignment": {
            "hours_per_week": 30,
            "milestones": _MILESTONES,
            "choose_within": "P3D",
            "offer_valid_for": "P2D",
            "review_within": "P5D",
            "rework_within": "P7D",
            "choice": "client",
            "preferred_expert": EXPERT_ID,
        },
        "challenge": None,
    },
    "intake.engagement.cancellation_requested.v1": {
        **_ENGAGEMENT,
        "mode": "assignment",
        "reason": "The court publishes its judgments itself now.",
    },
    "intake.engagement.closed.v1": {**_NOBODY, "outcome": "completed"},
}

_MATCHING: Final[dict[str, Body]] = {
    "matching.vendor.onboarded.v1": _VENDOR,
    "matching.vendor.updated.v1": {**_VENDOR, "currencies": ["EUR", "XOF", "USD"]},
    "matching.vendor.suspended.v1": {"vendor_id": VENDOR_ID, "reason": "The business register has no entry."},
    "matching.expert.registered.v1": _EXPERT,
    "matching.expert.updated.v1": {**_EXPERT, "relations": [OTHER_EXPERT_ID]},
    "matching.expert.suspended.v1": {
        "expert_id": EXPERT_ID,
        "vendor_id": VENDOR_ID,
        "reason": "Left the vendor.",
    },
    "matching.match.shortlisted.v1": {
        **_MATCH,
        "candidates": [
            {"rank": 1, "expert_id": EXPERT_ID, "vendor_id": VENDOR_ID, "score": 9120},
            {"rank": 2, "expert_id": OTHER_EXPERT_ID, "vendor_id": OTHER_VENDOR_ID, "score": 8475},
        ],
    },
    "matching.match.choice_opened.v1": {
        **_MATCH,
        "waiting_on": waiting_on("client", "2026-03-07T14:05:12.481Z"),
    },
    "matching.match.offered.v1": {
        **_OFFER,
        "waiting_on": waiting_on("vendor", "2026-03-07T08:00:00Z"),
        "expires_at": "2026-03-07T08:00:00Z",
    },
    "matching.match.declined.v1": {**_OFFER, "reason": "Fully booked until May."},
    "matching.match.offer_expired.v1": _OFFER,
    "matching.match.accepted.v1": {
        **_OFFER,
        "contract": {
            "person_id": PERSON_ID,
            "budget": eur("12500.00"),
            "milestones": _MILESTONES,
            "review_within": "P5D",
            "rework_within": "P7D",
            "hours_per_week": 30,
        },
    },
    "matching.match.ended.v1": {**_MATCH, "outcome": "unfilled", "reason": "Every candidate declined."},
    "matching.match.withdrawn.v1": {**_ENGAGEMENT, "match_id": MATCH_ID},
    "matching.invitation.sent.v1": {
        **_CALL,
        "invitation_id": INVITATION_ID,
        **_SOLVER,
    },
    "matching.panel.proposed.v1": {
        **_CALL,
        "panel_id": PANEL_ID,
        "judges": [_JUDGE, {**_JUDGE, "expert_id": SPARE_EXPERT_ID, "person_id": SPARE_PERSON_ID}],
    },
}

_DELIVERY: Final[dict[str, Body]] = {
    "delivery.workorder.opened.v1": {
        **_WORK,
        "waiting_on": waiting_on("vendor", "2026-03-19T10:00:00Z"),
        "milestones": _MILESTONES,
    },
    "delivery.workorder.milestone_submitted.v1": {
        **_MILESTONE,
        "waiting_on": waiting_on("client", "2026-03-23T16:20:00Z"),
        "deliverables": [
            {
                "deliverable_id": DELIVERABLE_ID,
                "name": "prototype.tar.gz",
                "media_type": "application/gzip",
                "size": 48_210_944,
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            }
        ],
        "review_by": "2026-03-23T16:20:00Z",
    },
    "delivery.workorder.milestone_returned.v1": {
        **_MILESTONE,
        "waiting_on": waiting_on("vendor", "2026-03-27T11:00:00Z"),
        "reason": "Umlauts are lost in the scans of 1987.",
        "returns": 1,
        "due_at": "2026-03-27T11:00:00Z",
    },
    "delivery.workorder.review_reminded.v1": {
        **_MILESTONE,
        "waiting_on": waiting_on("client", "2026-03-23T16:20:00Z"),
        "reminder": 2,
    },
    "delivery.workorder.milestone_accepted.v1": {
        **_MILESTONE,
        "amount": eur("4000.00"),
        "accepted_by": "clock",
    },
    "delivery.workorder.delivery_overdue.v1": {**_MILESTONE, "waiting_on": waiting_on("client", None)},
    "delivery.workorder.completed.v1": _WORK,
    "delivery.workorder.cancelled.v1": {**_WORK, "reason": "The milestone was 21 days late."},
}

_CHALLENGES: Final[dict[str, Body]] = {
    "delivery.challenge.planned.v1": _RUNNING,
    "delivery.challenge.opened.v1": {
        **_RUNNING,
        "waiting_on": waiting_on("entrants", "2026-06-01T09:30:00Z"),
        "title": "Where are the next six million ounces?",
        "practice_area": "research_and_development",
        "required_skills": [
            {"skill": "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d", "level": 3}
        ],
        "wished_skills": [],
        "languages": [{"language": "en", "level": "B2"}],
        "purse": eur("150000.00"),
        "rounds": _ROUNDS,
        "judges": 5,
        "invitations": 100,
        "excluded_countries": ["KP"],
        "submissions_close_at": "2026-06-01T09:30:00Z",
    },
    "delivery.challenge.judge_appointed.v1": {
        **_SEAT,
        "waiting_on": waiting_on("entrants", "2026-06-01T09:30:00Z"),
    },
    "delivery.challenge.judge_replaced.v1": {
        **_SEAT,
        "expert_id": SPARE_EXPERT_ID,
        "person_id": SPARE_PERSON_ID,
        "waiting_on": waiting_on("panel", "2026-06-15T09:30:10Z"),
        "replaced_expert_id": OTHER_EXPERT_ID,
        "reason": "Ill for the whole of June.",
    },
    "delivery.challenge.submissions_closed.v1": {
        **_RUNNING,
        "waiting_on": waiting_on("panel", "2026-06-15T09:30:10Z"),
        "entries": 1423,
        "submissions": 1187,
        "judge_by": "2026-06-15T09:30:10Z",
    },
    "delivery.challenge.round_judged.v1": {
        **_RUNNING,
        "waiting_on": waiting_on("panel", "2026-06-28T17:02:33.120Z"),
        "round": 1,
        "submissions": 1187,
        "picked": 2,
        "ranking_sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    },
    "delivery.challenge.awarded.v1": {
        **_RUNNING,
        "awards": [
            {"number": 1, "round": 1, "rank": 1, "entry_id": ENTRY_ID, **_SOLVER, "prize": eur("10000.00")},
            {"number": 2, "round": 2, "rank": 1, "entry_id": ENTRY_ID, **_SOLVER, "prize": eur("105000.00")},
        ],
    },
    "delivery.challenge.voided.v1": {**_RUNNING, "reason": "Nobody submitted anything."},
    "delivery.challenge.cancelled.v1": {**_RUNNING, "reason": "The mine was sold."},
    "delivery.challenge.cancel_refused.v1": {
        **_RUNNING,
        "waiting_on": waiting_on("entrants", "2026-06-01T09:30:00Z"),
        "reason": "Somebody has submitted already.",
    },
    "delivery.challenge.withdrawn.v1": _CALL,
    "delivery.entry.entered.v1": {**_ENTRY, "licence_version": "1.0", "country": "SN"},
    "delivery.entry.submission_received.v1": {
        **_ENTRY,
        "submission": 1,
        "commitment": "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
        "submitted_at": "2026-05-31T23:11:05.700Z",
    },
}

_BILLING: Final[dict[str, Body]] = {
    "billing.escrow.opened.v1": {
        **_ESCROW,
        "waiting_on": waiting_on("client", "2026-03-09T09:30:00Z"),
        "amount": eur("12500.00"),
        "fund_by": "2026-03-09T09:30:00Z",
        "payment_reference": "KPO-7Q4M-2X9D",
        "fee_basis_points": 1000,
    },
    "billing.escrow.part_funded.v1": {
        **_ESCROW,
        "waiting_on": waiting_on("client", "2026-03-09T09:30:00Z"),
        "received": eur("5000.00"),
        "funded": eur("5000.00"),
        "missing": eur("7500.00"),
    },
    "billing.escrow.funded.v1": {**_ESCROW, "funded": eur("12500.00")},
    "billing.escrow.released.v1": {
        **_ENGAGEMENT,
        "escrow_id": ESCROW_ID,
        "vendor_id": VENDOR_ID,
        "milestone": 1,
        "award": None,
        "gross": eur("4000.00"),
        "fee": eur("400.00"),
        "net": eur("3600.00"),
    },
    "billing.escrow.settled.v1": {
        **_ESCROW,
        "outcome": "completed",
        "funded": eur("12500.00"),
        "released": eur("11250.00"),
        "fees": eur("1250.00"),
        "refunded": eur("0.00"),
    },
    "billing.escrow.lapsed.v1": {
        **_ESCROW,
        "outcome": "lapsed",
        "funded": eur("5000.00"),
        "released": eur("0.00"),
        "fees": eur("0.00"),
        "refunded": eur("5000.00"),
    },
    "billing.invoice.issued.v1": {
        **_ENGAGEMENT,
        "invoice_id": INVOICE_ID,
        "kind": "vendor",
        "number": "SAV-2026-000017",
        "issued_at": "2026-03-23T16:20:10.022Z",
        "milestone": 1,
        "award": None,
        "seller": {"id": VENDOR_ID, "name": "Savane Données SARL", "country": "SN"},
        "buyer": {"id": CLIENT_ID, "name": "Kanzlei Müller & Öztürk", "country": "DE"},
        "net": eur("4000.00"),
        "tax_category": "O",
        "tax_basis_points": 0,
        "tax": eur("0.00"),
        "gross": eur("4000.00"),
    },
    "billing.payout.requested.v1": _PAYOUT,
    "billing.payout.sent.v1": {**_PAYOUT, "attempt": 1, "reference": "PO-7Q4M-1-1"},
    "billing.payout.booked.v1": {**_PAYOUT, "attempt": 1, "reference": "PO-7Q4M-1-1"},
    "billing.payout.failed.v1": {**_PAYOUT, "attempt": 1, "reason": "The account is closed."},
    "billing.payout.returned.v1": {
        "payout_id": PAYOUT_ID,
        "payee_kind": "client",
        "payee_id": CLIENT_ID,
        "amount": {"amount": "500000", "currency": "JPY"},
        "engagement_id": None,
        "milestone": None,
        "award": None,
        "attempt": 2,
        "reason": "The beneficiary's name does not match.",
    },
}

BODIES: Final[dict[str, Body]] = {**_INTAKE, **_MATCHING, **_DELIVERY, **_CHALLENGES, **_BILLING}
"""Realistic data for every event type, in the newest minor of its major."""
