"""An open challenge with its data room, and what a client and experts do there over HTTP."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID, uuid5

import httpx2
from pydantic import JsonValue

from kpo_chassis.kernel import PersonId, TenantId
from kpo_chassis.testing.service import MemoryService, memory
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.entry import Entry
from kpo_events.billing import EscrowFundedV1
from kpo_events.intake import (
    ChallengePlan,
    Criterion,
    DatasetReference,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
    Licence,
    RoundPlan,
)
from kpo_events.matching import ExpertRegisteredV1
from kpo_events.money import Money

from .factories import BLUEPRINT, CLIENT_ID, DAY, ENGAGEMENT_ID, NOW, digest_of

CHALLENGE_ID = Challenge.id_of(ENGAGEMENT_ID)
CHALLENGE_PATH = f"/v1/challenges/{CHALLENGE_ID}"
DATASET_ID = UUID("0b000000-0000-4000-8000-000000000007")
FILE_ID = UUID("0b000000-0000-4000-8000-000000000008")
ESCROW_ID = UUID("0e000000-0000-4000-8000-000000000009")


DATA = b"easting,northing,gold\n" * 100
LICENCE = Licence(version="1.0", text="For this challenge only.")
ACCEPTED: dict[str, JsonValue] = {
    "licence_version": LICENCE.version,
    "licence_sha256": sha256(LICENCE.text.encode()).hexdigest(),
}
SECRET = "431200.5"
ITEMS: JsonValue = [{"label": "Target 1", "values": {"easting": SECRET}}]
FILE = b"drill at 431200.5"
OPEN_FOR = 30 * DAY
GRACE = timedelta(seconds=10)
EXCLUDED = "KP"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person who acts for one tenant."""

    person: PersonId
    tenant: TenantId

    @property
    def entry_id(self) -> UUID:
        return Entry.id_of(CHALLENGE_ID, self.person)

    @property
    def path(self) -> str:
        return f"/v1/entries/{self.entry_id}"


def somebody(number: int) -> Somebody:
    """Give person 1, 2, 3, each acting for an organisation of their own."""
    return Somebody(
        PersonId(UUID(f"0a000000-0000-4000-8000-0000000003{number:02}")),
        TenantId(UUID(f"0d000000-0000-4000-8000-0000000003{number:02}")),
    )


ANN, BOB, EVE = somebody(1), somebody(2), somebody(3)
CLIENT = Somebody(PersonId(UUID("0a000000-0000-4000-8000-000000000400")), CLIENT_ID)
OTHER_CLIENT = Somebody(PersonId(UUID(int=6)), TenantId(UUID("0c000000-0000-4000-8000-000000000002")))
OPERATOR = Somebody(PersonId(UUID("0a000000-0000-4000-8000-000000000500")), TenantId(UUID(int=5)))

ENTRANT = ("challenges:read", "challenges:enter", "challenges:judge")
OWNER = ("challenges:read", "challenges:manage")
ALMIGHTY = (*ENTRANT, *OWNER, "workorders:read", "workorders:deliver", "operator")
"""Every scope that could open something."""


def an_engagement(*, datasets: tuple[DatasetReference, ...] | None = None) -> EngagementSubmittedV1:
    """File a call for the data that the client has uploaded."""
    named = DatasetReference(dataset_id=DATASET_ID, sha256=sha256(DATA).hexdigest())
    return EngagementSubmittedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        title="Where are the next six million ounces?",
        practice_area="research_and_development",
        mode="challenge",
        brief="Fifty years of drilling.",
        required_skills=(),
        budget=Money.of(57_500_000, "USD"),
        fund_by=NOW + 10 * DAY,
        challenge=ChallengePlan(
            open_for=OPEN_FOR,
            datasets=(named,) if datasets is None else datasets,
            licence=LICENCE,
            criteria=(Criterion(name="geology", weight=1),),
            rounds=(
                RoundPlan(
                    number=1, picks=1, prizes=(Money.of(10_000_000, "USD"),), judge_within=timedelta(days=14)
                ),
            ),
            judges=2,
            invitations=0,
            excluded_countries=(EXCLUDED,),
        ),
    )


def an_expert(
    who: Somebody = ANN, *, country: str = "NL", employer: UUID | None = None
) -> ExpertRegisteredV1:
    return ExpertRegisteredV1(
        expert_id=uuid5(who.person, "expert"),
        person_id=who.person,
        vendor_id=who.tenant,
        country=country,
        employers=(employer,) if employer else (),
    )


def a_cancel_wish() -> EngagementCancellationRequestedV1:
    return EngagementCancellationRequestedV1(
        engagement_id=ENGAGEMENT_ID, client_id=CLIENT_ID, mode="challenge", reason="Our plans changed."
    )


@dataclass
class Room:
    """The service under test, and the verbs of those who use it."""

    service: MemoryService

    async def know(self, *people: Somebody, country: str = "NL", employer: UUID | None = None) -> None:
        """Let matching announce experts."""
        for who in people:
            expert = an_expert(who, country=country, employer=employer)
            await self.service.deliver(expert, key=expert.expert_id)

    async def open(self) -> None:
        """Upload data, file the engagement, fund it."""
        await self.upload_data()
        await self.name_data()
        await self.service.deliver(an_engagement(), key=ENGAGEMENT_ID)
        funded = EscrowFundedV1(
            engagement_id=ENGAGEMENT_ID,
            client_id=CLIENT_ID,
            waiting_on=None,
            escrow_id=ESCROW_ID,
            mode="challenge",
            funded=Money.of(57_500_000, "USD"),
        )
        await self.service.deliver(funded, key=ESCROW_ID)

    async def upload_data(
        self, content: bytes = DATA, *, who: Somebody = CLIENT, key: UUID = DATASET_ID
    ) -> httpx2.Response:
        return await self.put(f"/v1/datasets/{key}/content", content, who, OWNER)

    async def name_data(
        self, *, who: Somebody = CLIENT, key: UUID = DATASET_ID, media_type: str | None = None
    ) -> httpx2.Response:
        body: JsonValue = {"dataset_id": str(key), "name": "drill-holes.csv", "media_type": media_type}
        return await self.post("/v1/datasets", body, who, OWNER)

    async def enter(
        self, who: Somebody = ANN, *, accepted: Mapping[str, JsonValue] = ACCEPTED
    ) -> httpx2.Response:
        return await self.post(f"{CHALLENGE_PATH}/enter", dict(accepted), who)

    async def appoint(self, who: Somebody) -> httpx2.Response:
        body: JsonValue = {"person_id": str(who.person)}
        return await self.post(f"{CHALLENGE_PATH}/judges", body, CLIENT, OWNER)

    async def upload_file(
        self, who: Somebody = ANN, content: bytes = FILE, *, key: UUID = FILE_ID
    ) -> httpx2.Response:
        return await self.put(f"{who.path}/files/{key}/content", content, who, ENTRANT)

    async def submit(
        self, who: Somebody = ANN, *, items: JsonValue = ITEMS, file_id: UUID | None = None, key: str = ""
    ) -> httpx2.Response:
        body: dict[str, JsonValue] = {"items": items}
        if file_id is not None:
            body["file_id"] = str(file_id)
        return await self.post(f"{who.path}/submit", body, who, key=key)

    async def download(self, who: Somebody = ANN, *, part: str | None = None) -> httpx2.Response:
        path = f"{CHALLENGE_PATH}/datasets/{DATASET_ID}/content"
        return await self.get(path, who, headers={"Range": part} if part else {})

    async def revoke(self, who: Somebody = ANN, *, by: Somebody = CLIENT) -> httpx2.Response:
        path = f"{CHALLENGE_PATH}/entries/{who.entry_id}/revoke"
        return await self.post(path, {"reason": "The data were passed on."}, by, OWNER)

    async def close(self) -> None:
        """Let submissions close, grace included."""
        await self.service.tick(OPEN_FOR + GRACE)

    # How they ask -----------------------------------------------------------------------------------------

    async def get(
        self,
        path: str,
        who: Somebody,
        scopes: tuple[str, ...] = ENTRANT,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> httpx2.Response:
        token = self.service.token(tenant=who.tenant, person=who.person, scopes=scopes)
        return await self.service.http.get(path, headers={**token, **headers})

    async def post(
        self, path: str, body: JsonValue, who: Somebody, scopes: tuple[str, ...] = ENTRANT, *, key: str = ""
    ) -> httpx2.Response:
        """Send a command, and wait until what it announces is published."""
        token = self.service.token(tenant=who.tenant, person=who.person, scopes=scopes)
        repeated = {"Idempotency-Key": key} if key else {}
        answer = await self.service.http.post(path, json=body, headers=token | repeated)
        await self.service.settle()
        return answer

    async def put(self, path: str, content: bytes, who: Somebody, scopes: tuple[str, ...]) -> httpx2.Response:
        token = self.service.token(tenant=who.tenant, person=who.person, scopes=scopes)
        told = {"Content-Digest": digest_of(content), "Content-Type": "text/csv"}
        return await self.service.http.put(path, content=content, headers=token | told)


@asynccontextmanager
async def a_room() -> AsyncIterator[Room]:
    """Run the service with an open challenge and three experts who may enter."""
    async with memory(BLUEPRINT) as running:
        room = Room(running)
        await room.know(ANN, BOB, EVE)
        await room.open()
        yield room


def code(answer: httpx2.Response) -> tuple[int, str]:
    """Give how a refusal is told: its status and stable code."""
    return answer.status_code, json.loads(answer.text).get("code", "")
