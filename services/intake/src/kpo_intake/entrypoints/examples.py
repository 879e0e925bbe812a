"""What the API document shows of a filing: one engagement of each mode that can be sent as it is."""

from fastapi.openapi.models import Example
from pydantic import JsonValue

from kpo_chassis.examples import SAMPLE_DIGEST, SAMPLE_UUID


def _money(amount: str, currency: str) -> JsonValue:
    return {"amount": amount, "currency": currency}


_ASSIGNMENT: JsonValue = {
    "mode": "assignment",
    "title": "Search our own judgments",
    "practice_area": "software",
    "brief": "Make 40,000 scanned judgments searchable by what they decide.",
    "required_skills": [
        {"skill": "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d", "level": 4}
    ],
    "wished_skills": [],
    "languages": [{"language": "de", "level": "B2"}],
    "jurisdictions": ["DE", "EU"],
    "overlap": {"time_zone": "Europe/Berlin", "hours": 4},
    "hours_per_week": 30,
    "budget": _money("12500.00", "EUR"),
    "milestones": [
        {"title": "Search prototype", "amount": _money("4000.00", "EUR"), "due_within": "P14D"},
        {"title": "Search in service", "amount": _money("8500.00", "EUR"), "due_within": "P42D"},
    ],
    "fund_by": "2027-03-01T09:30:00.000Z",
    "choose_within": "P7D",
    "offer_valid_for": "P3D",
    "review_within": "P14D",
    "rework_within": "P7D",
    "choice": "client",
    "confidential": False,
}

_CHALLENGE: JsonValue = {
    "mode": "challenge",
    "title": "The next six million ounces",
    "practice_area": "research_and_development",
    "brief": "Where on our property are the next six million ounces of gold?",
    "budget": _money("575000.00", "USD"),
    "open_for": "P60D",
    "datasets": [{"dataset_id": SAMPLE_UUID, "sha256": SAMPLE_DIGEST}],
    "licence": {
        "version": "2026-1",
        "text": "You may use the data for this challenge, and for nothing else.",
    },
    "criteria": [{"name": "Geological reasoning", "weight": 60}, {"name": "Evidence", "weight": 40}],
    "rounds": [
        {"picks": 20, "prizes": [], "judge_within": "P21D"},
        {
            "picks": 3,
            "prizes": [_money("300000.00", "USD"), _money("175000.00", "USD"), _money("100000.00", "USD")],
            "judge_within": "P14D",
        },
    ],
    "judges": 5,
    "invitations": 100,
    "excluded_countries": [],
    "fund_by": "2027-03-01T09:30:00.000Z",
}

FILINGS: dict[str, Example] = {
    "assignment": {"summary": "Work for one expert, who is looked for.", "value": _ASSIGNMENT},
    "challenge": {"summary": "A question that anyone may answer.", "value": _CHALLENGE},
}
"""By mode; `follows` is missing, because it names an engagement that the reader does not have."""
