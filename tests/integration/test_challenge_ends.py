"""The other ends of an open call: whatever happens, the purse is shared out or goes back, to the cent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import TypeAlias
from uuid import uuid4

import pytest

from kpo_cli.story import calls, checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.orebody import DataFile
from kpo_cli.story.watch import Watch

from .call_scene import Calls
from .call_scenes import LATE, PURSE, SPARE, TWO_ROUNDS, Cast, Ending, score_all, until_round
from .conftest import at_rest
from .money import sums

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("calls_begun")]

Scene: TypeAlias = Callable[[Cast], Coroutine[None, None, Ending]]

REASON = "The data turned out to be somebody else's."
FUND_SECONDS = 30
NO_QUORUM = "The panel did not score every submission in time."

PURSE_BACK = sums(PURSE, "0.00", "0.00", PURSE)
ALL_PRIZES = sums(PURSE, "3600.34", "400.04", "999.62")
FIRST_ROUND = sums(PURSE, "900.04", "100.01", "3999.95")

VOIDED = ["challenge.voided", "escrow.settled", "engagement.closed"]
ONE_RELEASE = ["challenge.awarded", "escrow.released", "escrow.settled", "engagement.closed"]
TWO_RELEASES = [
    "challenge.awarded", "escrow.released", "escrow.released", "escrow.settled", "engagement.closed",
]  # fmt: skip


# Scenes ---------------------------------------------------------------------------------------------------


async def nobody_enters(cast: Cast) -> Ending:
    return await Ending.of(await cast.opened())


async def nobody_submits(cast: Cast) -> Ending:
    engaged = await cast.opened()
    await calls.enter(cast.entrants[0], engaged)
    return await Ending.of(engaged)


async def never_funded(cast: Cast) -> Ending:
    engaged = await cast.filed(fund_by=say.in_days(FUND_SECONDS / 86_400))
    await say.fund(engaged, cast.operator, "1000.01")
    await say.until_state(engaged.client, "delivery", engaged.challenge_path, "withdrawn")
    return await Ending.of(engaged)


async def cancelled_in_time(cast: Cast) -> Ending:
    engaged = await cast.opened()
    await calls.enter(cast.entrants[0], engaged)
    await say.cancel(engaged)
    return await Ending.of(engaged)


async def cancelled_too_late(cast: Cast) -> Ending:
    engaged = await cast.opened()
    await cast.enter(engaged)
    wish = await say.cancel(engaged)
    assert wish.body["state"] == "cancelling"
    await say.until_state(engaged.client, "intake", engaged.path, "submitted")
    await cast.judge(engaged, 1, judges=1)
    return await Ending.of(engaged)


async def voided_while_open(cast: Cast) -> Ending:
    engaged = await cast.opened()
    await cast.enter(engaged)
    await calls.void(cast.operator, engaged, REASON)
    return await Ending.of(engaged)


async def voided_in_a_later_round(cast: Cast) -> Ending:
    engaged = await cast.opened(TWO_ROUNDS)
    await cast.enter(engaged)
    await cast.judge(engaged, 1, judges=1)
    await until_round(engaged, 2)
    await calls.void(cast.operator, engaged, REASON)
    return await Ending.of(engaged)


async def a_spare_judge_is_called(cast: Cast) -> Ending:
    engaged = await cast.opened(pace=LATE, languages=[SPARE])
    await cast.enter(engaged)
    await say.until_timeline(engaged, "delivery.challenge.judge_replaced", 1)
    await score_all(cast.spare, engaged)
    return await Ending.of(engaged)


async def no_quorum_in_the_first_round(cast: Cast) -> Ending:
    engaged = await cast.opened(pace=LATE)
    await cast.enter(engaged)
    return await Ending.of(engaged)


async def a_majority_in_the_last_round(cast: Cast) -> Ending:
    engaged = await cast.opened(TWO_ROUNDS, LATE, judges=3)
    await cast.enter(engaged)
    await cast.judge(engaged, 1, judges=3)
    await cast.judge(engaged, 2, judges=2)
    return await Ending.of(engaged)


async def no_quorum_in_the_last_round(cast: Cast) -> Ending:
    engaged = await cast.opened(TWO_ROUNDS, LATE, judges=3)
    await cast.enter(engaged)
    await cast.judge(engaged, 1, judges=3)
    await cast.judge(engaged, 2, judges=1)
    return await Ending.of(engaged)


async def a_dataset_is_missing(cast: Cast) -> Ending:
    missing: Json = {"dataset_id": str(uuid4()), "sha256": "0" * 64}
    return await _paid_all_the_same(cast, missing)


async def a_dataset_of_another_client(cast: Cast) -> Ending:
    path = cast.folder / "drill-holes.csv"
    path.write_bytes(b"hole,east_m,north_m\n")
    owner = await say.register_client(cast.operator.world, cast.operator)
    foreign = await calls.upload_dataset(owner, DataFile.of(path, "text/csv"))
    return await _paid_all_the_same(cast, foreign)


async def _paid_all_the_same(cast: Cast, dataset: Json) -> Ending:
    """File a call that cannot be planned, and pay its purse although it has lapsed."""
    engaged = await cast.filed(datasets=[dataset])
    escrow = await say.until_state(engaged.client, "billing", engaged.escrow_path, "lapsed")
    told = f"Payment {escrow.text('payment_reference')}"
    await say.bank_line(cast.operator, "credit", say.money(PURSE), told)
    return await Ending.of(engaged)


async def fewer_submissions_than_prizes(cast: Cast) -> Ending:
    engaged = await cast.opened()
    await cast.enter(engaged, count=1)
    await cast.judge(engaged, 1, judges=1)
    return await Ending.of(engaged)


SCENES: tuple[Scene, ...] = (
    nobody_enters,
    nobody_submits,
    never_funded,
    cancelled_in_time,
    cancelled_too_late,
    voided_while_open,
    voided_in_a_later_round,
    a_spare_judge_is_called,
    no_quorum_in_the_first_round,
    a_majority_in_the_last_round,
    no_quorum_in_the_last_round,
    a_dataset_is_missing,
    a_dataset_of_another_client,
    fewer_submissions_than_prizes,
)

Endings: TypeAlias = Mapping[Scene, asyncio.Task[Ending]]


@pytest.fixture(scope="module")
async def endings(
    world: World,
    operator: Actor,
    workers: Actor,
    a_country: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Endings]:
    """Play all scenes at once, since most of their time is waiting; each test awaits its own."""
    cast = await Cast.gather(world, operator, a_country(), tmp_path_factory.mktemp("scenes"))
    await at_rest(workers)
    played = {scene: asyncio.create_task(scene(cast)) for scene in SCENES}
    yield played
    await asyncio.gather(*played.values(), return_exceptions=True)


# Endings --------------------------------------------------------------------------------------------------


async def test_nobody_enters(endings: Endings) -> None:
    ending = await endings[nobody_enters]

    assert (ending.outcome, ending.reason) == ("voided", "Nobody submitted anything.")
    assert (ending.money, ending.cash) == (PURSE_BACK, say.money(PURSE))
    assert ending.story[-3:] == VOIDED


async def test_somebody_enters_and_nobody_submits(endings: Endings) -> None:
    ending = await endings[nobody_submits]

    assert (ending.outcome, ending.reason) == ("voided", "Nobody submitted anything.")
    assert (ending.money, ending.cash) == (PURSE_BACK, say.money(PURSE))
    assert ending.story[-3:] == VOIDED


async def test_the_purse_is_never_funded_and_what_came_of_it_becomes_cash(endings: Endings) -> None:
    ending = await endings[never_funded]

    assert ending.outcome == "lapsed"
    assert ending.money == sums("1000.01", "0.00", "0.00", "1000.01")
    assert ending.cash == say.money("1000.01")
    assert "challenge.opened" not in ending.story


async def test_the_client_cancels_before_the_first_submission(endings: Endings) -> None:
    ending = await endings[cancelled_in_time]

    assert (ending.outcome, ending.reason) == ("cancelled", "The project was stopped.")
    assert (ending.money, ending.cash) == (PURSE_BACK, say.money(PURSE))
    assert ending.story[-4:] == [
        "engagement.cancellation_requested", "challenge.cancelled", "escrow.settled", "engagement.closed",
    ]  # fmt: skip


async def test_after_a_submission_a_wish_is_refused_and_the_call_goes_on(endings: Endings) -> None:
    ending = await endings[cancelled_too_late]

    refused = ending.story.index("challenge.cancel_refused")
    assert ending.story[refused - 1] == "engagement.cancellation_requested"
    assert ending.outcome == "awarded"
    assert (ending.money, ending.cash) == (ALL_PRIZES, say.money("999.62"))


async def test_the_operator_voids_an_open_call_although_somebody_has_submitted(endings: Endings) -> None:
    ending = await endings[voided_while_open]

    assert (ending.outcome, ending.reason) == ("voided", REASON)
    assert (ending.money, ending.cash) == (PURSE_BACK, say.money(PURSE))
    assert ending.story[-3:] == VOIDED


async def test_the_operator_voids_a_later_round_and_those_before_are_paid(endings: Endings) -> None:
    ending = await endings[voided_in_a_later_round]

    assert (ending.outcome, ending.reason) == ("awarded", REASON)
    assert (ending.money, ending.cash) == (FIRST_ROUND, say.money("3999.95"))
    assert ending.story[-5:] == ["challenge.round_judged", *ONE_RELEASE]


async def test_a_judge_is_missing_and_a_spare_one_does_what_is_left(endings: Endings) -> None:
    ending = await endings[a_spare_judge_is_called]

    assert ending.outcome == "awarded"
    assert (ending.money, ending.cash) == (ALL_PRIZES, say.money("999.62"))
    assert ending.story[-7:] == ["challenge.judge_replaced", "challenge.round_judged", *TWO_RELEASES]


async def test_without_quorum_in_the_first_round_nobody_is_paid(endings: Endings) -> None:
    ending = await endings[no_quorum_in_the_first_round]

    assert (ending.outcome, ending.reason) == ("voided", NO_QUORUM)
    assert (ending.money, ending.cash) == (PURSE_BACK, say.money(PURSE))
    assert ending.story[-4:] == ["challenge.submissions_closed", *VOIDED]


async def test_a_majority_of_the_panel_is_enough_for_the_last_round(endings: Endings) -> None:
    ending = await endings[a_majority_in_the_last_round]

    assert (ending.outcome, ending.reason) == ("awarded", None)
    assert (ending.money, ending.cash) == (ALL_PRIZES, say.money("999.62"))
    assert ending.story[-7:] == ["challenge.round_judged", "challenge.round_judged", *TWO_RELEASES]


async def test_without_quorum_in_the_last_round_those_before_are_paid(endings: Endings) -> None:
    ending = await endings[no_quorum_in_the_last_round]

    assert (ending.outcome, ending.reason) == ("awarded", NO_QUORUM)
    assert (ending.money, ending.cash) == (FIRST_ROUND, say.money("3999.95"))
    assert ending.story[-6:] == ["challenge.submissions_closed", "challenge.round_judged", *ONE_RELEASE]


@pytest.mark.parametrize("scene", [a_dataset_is_missing, a_dataset_of_another_client])
async def test_a_call_without_its_data_is_voided_and_money_that_comes_is_kept(
    scene: Scene, endings: Endings
) -> None:
    ending = await endings[scene]

    assert ending.outcome == "voided"
    assert ending.money == sums("0.00", "0.00", "0.00", "0.00")
    assert ending.cash == say.money(PURSE)
    assert "challenge.planned" not in ending.story


async def test_prizes_that_nobody_won_go_back(endings: Endings) -> None:
    ending = await endings[fewer_submissions_than_prizes]

    assert ending.outcome == "awarded"
    assert ending.money == sums(PURSE, "2700.30", "300.03", "1999.67")
    assert ending.cash == say.money("1999.67")
    assert ending.story[-5:] == ["challenge.round_judged", *ONE_RELEASE]


async def test_the_books_are_even_after_all_of_it(
    endings: Endings, calls_begun: asyncio.Task[Calls], watch: Watch, operator: Actor, workers: Actor
) -> None:
    await asyncio.gather(calls_begun, *endings.values())
    await at_rest(workers)
    await watch.to_the_end()

    balanced, conserved = await checks.ledger_is_zero(operator), checks.money_is_conserved(watch)

    assert balanced.held, balanced.seen
    assert conserved.held, conserved.seen
