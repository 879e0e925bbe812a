"""The verbs of an open call: what its client, entrants and judges do, a short exchange each."""

import hashlib
from dataclasses import dataclass
from uuid import UUID, uuid4

from pydantic import JsonValue

from kpo_cli.story import pages
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Answer, Json
from kpo_cli.story.orebody import DataFile
from kpo_cli.story.transfers import upload_file
from kpo_cli.story.vocabulary import Engaged

EXCLUDED = "KP"
"""The one country whose residents the call shuts out."""

LICENCE: Json = {
    "version": "2026-1",
    "text": "You may use these data to answer this call, and for nothing else; delete them when it ends.",
}
CRITERIA: JsonValue = [
    {"name": "Geological reasoning", "weight": 50},
    {"name": "Evidence in the data", "weight": 30},
    {"name": "Cost of the first hole", "weight": 20},
]


@dataclass(frozen=True, slots=True)
class RoundPrizes:
    """How many submissions a round picks, and what the first of them get."""

    picks: int
    amounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prizes:
    """What the call pays: the purse, and the prizes of each round by rank, all in one currency."""

    purse: str
    rounds: tuple[RoundPrizes, ...]
    currency: str = "USD"

    @property
    def count(self) -> int:
        return sum(len(each.amounts) for each in self.rounds)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the steps of a call may take, in seconds."""

    open_for: int
    judge_within: int


def a_call(prizes: Prizes, pace: Pace, datasets: list[Json], **changes: JsonValue) -> Json:
    """Ask where the gold is; any field can be another."""
    rounds: list[JsonValue] = [
        {
            "picks": each.picks,
            "prizes": [say.money(amount, prizes.currency) for amount in each.amounts],
            "judge_within": say.seconds(pace.judge_within),
        }
        for each in prizes.rounds
    ]
    call: Json = {
        "title": "Where are the next six million ounces?",
        "practice_area": "research_and_development",
        "mode": "challenge",
        "brief": "Here is all we know of our property. Where would you drill for six million ounces?",
        "languages": [{"language": "en", "level": "B2"}],
        "budget": say.money(prizes.purse, prizes.currency),
        "open_for": say.seconds(pace.open_for),
        "datasets": [*datasets],
        "licence": LICENCE,
        "criteria": CRITERIA,
        "rounds": rounds,
        "judges": 5,
        "invitations": 100,
        "excluded_countries": [EXCLUDED],
        "fund_by": say.in_days(14),
    }
    return {**call, **changes}


# The client -----------------------------------------------------------------------------------------------


async def upload_dataset(client: Actor, source: DataFile) -> Json:
    """Upload data under a new id and name them; give them as an engagement refers to them."""
    dataset = str(uuid4())
    await upload_file(client, f"/v1/datasets/{dataset}/content", source)
    named = await client.post("delivery", "/v1/datasets", {"dataset_id": dataset, "name": source.name})
    assert named.text("sha256") == source.sha256, named.body
    return {"dataset_id": dataset, "sha256": source.sha256}


async def appoint(engaged: Engaged, person: str) -> Answer:
    path = f"{engaged.challenge_path}/judges"
    return await engaged.client.post("delivery", path, {"person_id": person})


async def downloads(engaged: Engaged) -> list[Json]:
    """Give the client's log of who fetched what."""
    return await pages.all_items(engaged.client, "delivery", f"{engaged.challenge_path}/downloads")


# The operator ---------------------------------------------------------------------------------------------


async def void(operator: Actor, engaged: Engaged, reason: str) -> Answer:
    return await operator.post("delivery", f"{engaged.challenge_path}/void", {"reason": reason})


# Entrants -------------------------------------------------------------------------------------------------


async def enter(entrant: Actor, engaged: Engaged) -> str:
    """Read the licence, accept it and give the entry's id."""
    licence = await entrant.get("delivery", f"{engaged.challenge_path}/licence")
    text = licence.text("text")
    accepted: Json = {
        "licence_version": licence.text("version"),
        "licence_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    entered = await entrant.post("delivery", f"{engaged.challenge_path}/enter", accepted)
    return entered.text("id")


async def attach(entrant: Actor, entry: str, items: list[Json], file: bytes) -> Json:
    """Upload a file and give what is submitted: the structured answer with the file."""
    file_id = uuid4()
    content = f"/v1/entries/{entry}/files/{file_id}/content"
    await entrant.put_content("delivery", content, file, say.content_headers(file, "text/csv"))
    return {"items": [*items], "file_id": str(file_id)}


async def submit(entrant: Actor, entry: str, items: list[Json], file: bytes) -> Answer:
    """Submit a structured answer with a file; the receipt is in what comes back."""
    answer = await attach(entrant, entry, items, file)
    return await entrant.post("delivery", f"/v1/entries/{entry}/submit", answer)


def drill_targets(person: UUID, version: int) -> list[Json]:
    """Invent where somebody would drill: one to three holes, always the same for the same person."""
    chosen = hashlib.sha256(person.bytes + bytes([version])).digest()
    return [
        {
            "label": f"Target {number}",
            "values": {
                "easting_m": str(int.from_bytes(chosen[at : at + 2]) % 4_000),
                "northing_m": str(int.from_bytes(chosen[at + 2 : at + 4]) % 4_000),
                "depth_m": str(200 + chosen[at + 4] * 4),
                "dip_degrees": str(45 + chosen[at + 5] % 45),
            },
        }
        for number, at in ((each, each * 6) for each in range(1, 2 + chosen[0] % 3))
    ]


def as_table(items: list[Json]) -> bytes:
    """Write structured answers as the file that goes with them."""
    lines = [f"{item['label']},{','.join(map(str, _values(item).values()))}\n" for item in items]
    return "".join(["target,easting_m,northing_m,depth_m,dip_degrees\n", *lines]).encode()


def _values(item: Json) -> Json:
    values = item["values"]
    assert isinstance(values, dict)
    return values


# The panel ------------------------------------------------------------------------------------------------


def seated(challenge: Json) -> list[Json]:
    """Give the judges of a challenge as its client sees it, by seat."""
    seats = say.rows(_management(challenge)["seats"])
    return [judge for judge in (seat["judge"] for seat in seats) if isinstance(judge, dict)]


def bench(challenge: Json) -> list[Json]:
    """Give whom matching proposed, best first."""
    return say.rows(_management(challenge)["bench"])


def _management(challenge: Json) -> Json:
    management = challenge["management"]
    assert isinstance(management, dict), "only the client sees how its challenge runs"
    return management


async def assigned(judge: Actor, engaged: Engaged) -> list[str]:
    """Give where the submissions lie that a judge has not scored yet."""
    found = await pages.all_items(judge, "delivery", f"{engaged.challenge_path}/assignments")
    return [str(each["link"]) for each in found if each["scorecard"] is None]


async def score(judge: Actor, link: str) -> Answer:
    """Read a submission, which has a code and no name, and score it by every criterion."""
    submission = await judge.get("delivery", link)
    assert submission.body["items"], submission.body
    scores: list[JsonValue] = [
        {"criterion": name, "score": _opinion(judge.person, submission.text("code"), name)}
        for name in (str(criterion["name"]) for criterion in say.rows(CRITERIA))
    ]
    return await judge.post("delivery", f"{link}/score", {"scores": scores, "comment": "Read with care."})


def _opinion(judge: UUID, code: str, criterion: str) -> int:
    """Think something between 30 and 100 of a submission: mostly of it, a little of the judge's own."""
    merit = hashlib.sha256(f"{code} {criterion}".encode()).digest()[0] % 51
    taste = hashlib.sha256(f"{judge} {code} {criterion}".encode()).digest()[0] % 21
    return 30 + merit + taste
