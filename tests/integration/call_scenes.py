"""What scenes of an open call have in common: a cast that no match finds, a small purse, and how it ended."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from kpo_cli.story import calls
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.calls import Pace, Prizes, RoundPrizes
from kpo_cli.story.crowd import all_at_once
from kpo_cli.story.vocabulary import Engaged

from .money import cash_of, money_of

OPEN_SECONDS = 15
"""Long enough for two people to enter and submit, while all scenes are played at once."""

IN_TIME = Pace(OPEN_SECONDS, judge_within=120)
LATE = Pace(OPEN_SECONDS, judge_within=5)

PURSE = "5000.00"
ONE_ROUND = Prizes(PURSE, (RoundPrizes(2, ("3000.33", "1000.05")),), "EUR")
TWO_ROUNDS = Prizes(PURSE, (RoundPrizes(2, ("1000.05",)), RoundPrizes(1, ("3000.33",))), "EUR")

FOREIGN: Json = {"language": "mt", "level": "C2"}
"""What a call asks for whose bench is to stay empty: nobody in any test speaks it."""

SPARE: Json = {"language": "is", "level": "C1"}
"""What only the spare judge speaks."""

HOLDERS = ("engagement.", "escrow.", "challenge.")


@dataclass(frozen=True)
class Cast:
    """Who plays in all scenes: people enter, or sit on a panel, in as many calls as they like."""

    operator: Actor
    entrants: tuple[Actor, ...]
    judges: tuple[Actor, ...]
    spare: Actor
    folder: Path

    @classmethod
    async def gather(cls, world: World, operator: Actor, country: str, folder: Path) -> "Cast":
        async def vendors(size: int, **changes: JsonValue) -> tuple[Actor, ...]:
            team = await say.register_team(
                world, operator, country, size, practice_areas=["legal"], **changes
            )
            return tuple(member.vendor for member in team)

        (spare,) = await vendors(1, languages=[SPARE])
        return cls(operator, await vendors(2), await vendors(3), spare, folder)

    async def filed(self, prizes: Prizes = ONE_ROUND, pace: Pace = IN_TIME, **changes: JsonValue) -> Engaged:
        """File a call for a client of its own, whose cash holds nothing else."""
        client = await say.register_client(self.operator.world, self.operator)
        return await say.submit(client, a_quiet_call(prizes, pace, **changes))

    async def opened(
        self, prizes: Prizes = ONE_ROUND, pace: Pace = IN_TIME, *, judges: int = 1, **changes: JsonValue
    ) -> Engaged:
        """File a call, fund it, and appoint the judges."""
        engaged = await self.filed(prizes, pace, judges=judges, **changes)
        await say.fund(engaged, self.operator, prizes.purse)
        await seat(engaged, *self.judges[:judges])
        return engaged

    async def enter(self, engaged: Engaged, count: int = 2) -> None:
        """Let so many enter and submit."""
        await all_at_once(enter(entrant, engaged) for entrant in self.entrants[:count])

    async def judge(self, engaged: Engaged, number: int, judges: int) -> None:
        """Let the first so many judges score what is assigned to them in a round."""
        await until_round(engaged, number)
        await all_at_once(score_all(judge, engaged) for judge in self.judges[:judges])


def a_quiet_call(prizes: Prizes, pace: Pace, **changes: JsonValue) -> Json:
    """Ask a question that nobody is invited to answer; any field can be another."""
    needs: Json = {
        "practice_area": "legal",
        "languages": [FOREIGN],
        "judges": 1,
        "invitations": 0,
        "excluded_countries": [],
    }
    return {**calls.a_call(prizes, pace, []), **needs, **changes}


async def seat(engaged: Engaged, *judges: Actor) -> None:
    """Appoint judges as soon as the call is open."""
    await say.until_state(engaged.client, "delivery", engaged.challenge_path, "open")
    for judge in judges:
        await calls.appoint(engaged, str(judge.person))


async def enter(entrant: Actor, engaged: Engaged) -> None:
    entry = await calls.enter(entrant, engaged)
    targets = calls.drill_targets(entrant.person, 1)
    await calls.submit(entrant, entry, targets, calls.as_table(targets))


async def until_round(engaged: Engaged, number: int) -> None:
    await say.until(
        engaged.client,
        "delivery",
        engaged.challenge_path,
        lambda body: body["current_round"] == number,
        f"round {number} to begin",
    )


async def score_all(judge: Actor, engaged: Engaged) -> None:
    for link in await calls.assigned(judge, engaged):
        await calls.score(judge, link)


@dataclass(frozen=True)
class Ending:
    """How a call ended, and why; where its purse is, and what the client has at hand.

    `story` is the timeline of those who held the engagement: escrow, challenge, and the engagement itself.
    """

    outcome: JsonValue
    reason: JsonValue
    money: Json
    cash: object
    story: list[str]

    @classmethod
    async def of(cls, engaged: Engaged) -> "Ending":
        steps = await say.until_timeline(engaged, "intake.engagement.closed", 1)
        closed = await engaged.client.get("intake", engaged.path)
        challenge = await engaged.client.get("delivery", engaged.challenge_path)
        return cls(
            closed.body["outcome"],
            challenge.body["reason"],
            await money_of(engaged),
            await cash_of(engaged.client),
            [name for name in map(_name, steps) if name.startswith(HOLDERS)],
        )


def _name(step: Json) -> str:
    """Name an event without its service and its version."""
    return str(step["type"]).partition(".")[2].rpartition(".v")[0]
