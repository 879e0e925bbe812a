"""Whatever is wrong with a request or a record: the answer says what, where, and what would be right."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from kpo_cli.stack.state import Home
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError, World
from kpo_cli.story.documents import a_pdf
from kpo_cli.tokens import TokenIssuer

from .test_ends import Stage

pytestmark = pytest.mark.real

BRIEFS = "/v1/engagements"
UNKNOWN_SKILL = f"{say.ESCO}00000000-0000-4000-8000-000000000000"
LINES = "/v1/bank-lines"
REPORT = a_pdf("Report", 10_000)
RETURNS_MAX = 3
LONG_TITLE = "\N{LATIN SMALL LETTER A WITH DIAERESIS}" * 500
"""Allowed by itself; sixty-four of them make an event of more than 64 KiB."""


def assert_told(
    refused: RefusedError, status: int, code: str, *words: str, pointer: str | None = None
) -> None:
    """Check what a refusal says: its kind, the part that is to blame, and what would be right."""
    problem = refused.problem
    assert (refused.status, problem["code"]) == (status, code), problem
    pointers = [error["pointer"] for error in say.rows(problem["errors"])]
    assert pointers == ([pointer] if pointer is not None else [])
    assert [word for word in words if word not in str(problem["detail"])] == [], problem["detail"]


@pytest.fixture(scope="module")
async def stage(world: World, operator: Actor, a_country: Callable[[], str]) -> Stage:
    """Give one client and one team to all tests here."""
    country = a_country()
    client = await say.register_client(world, operator)
    return Stage(client, operator, country, await say.register_team(world, operator, country, 2))


@pytest.fixture(scope="module")
async def filed(stage: Stage) -> say.Engaged:
    """Give an engagement that waits for its money."""
    engaged = await stage.submit()
    await say.until_state(stage.client, "billing", engaged.escrow_path, "awaiting_funds")
    return engaged


@pytest.fixture(scope="module")
async def working(stage: Stage) -> tuple[say.Engaged, Actor]:
    """Give an engagement with its open work order, and its vendor."""
    return await stage.working()


# Requests that cannot be read, or break a rule ------------------------------------------------------------


async def test_malformed_json_is_refused(stage: Stage) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}

    refused = await say.refusal(
        stage.client.ask("POST", "intake", BRIEFS, content=b'{"title": ', headers=headers)
    )

    assert_told(refused, 400, "json_malformed", "no JSON text", "breaks off at character")


@pytest.mark.parametrize(
    ("changes", "code", "pointer", "words"),
    [
        pytest.param({"urgency": "high"}, "request_invalid", "/urgency", ["no such field"], id="field"),
        pytest.param(
            {"hours_per_week": "many"},
            "request_invalid",
            "/hours_per_week",
            ["whole number", "without quotes"],
            id="type",
        ),
        pytest.param(
            {"budget": say.money("47000.00")},
            "sum_differs",
            "/milestones",
            ["48000.00 EUR", "47000.00 EUR"],
            id="sum",
        ),
        pytest.param(
            {"budget": say.money("48000.00", "EUX")},
            "request_invalid",
            "/budget/currency",
            ["EUX", "such as EUR, USD or JPY"],
            id="currency",
        ),
        pytest.param(
            {"required_skills": [{"skill": "http://data.europa.eu/esco/skill/python", "level": 3}]},
            "request_invalid",
            "/required_skills/0/skill",
            ["should match", "esco/skill/[0-9a-f]{8}"],
            id="skill",
        ),
        pytest.param(
            {"required_skills": [{"skill": UNKNOWN_SKILL, "level": 3}]},
            "skill_unknown",
            "/required_skills/0/skill",
            [UNKNOWN_SKILL, "GET /v1/skills"],
            id="unknown-skill",
        ),
        pytest.param(
            {"languages": [{"language": "xx", "level": "C1"}]},
            "language_unknown",
            "/languages/0/language",
            ["xx", "such as en"],
            id="unknown-language",
        ),
        pytest.param(
            {"jurisdictions": ["CH", "ZZ"]},
            "country_unknown",
            "/jurisdictions/1",
            ["ZZ", "such as DE, or EU"],
            id="unknown-country",
        ),
        pytest.param(
            {"fund_by": say.in_days(-1)}, "deadline_out_of_range", "/fund_by", ["between", "and"], id="past"
        ),
    ],
)
async def test_a_brief_that_breaks_a_rule_is_refused(
    stage: Stage, changes: Json, code: str, pointer: str, words: list[str]
) -> None:
    brief = say.a_brief(**changes)

    refused = await say.refusal(stage.client.post("intake", BRIEFS, brief))

    assert_told(refused, 422, code, *words, pointer=pointer)


async def test_a_brief_whose_event_would_be_too_large_is_refused(stage: Stage) -> None:
    milestone: Json = {"title": LONG_TITLE, "amount": say.money("750.00"), "due_within": "P9D"}
    brief = say.a_brief(milestones=[milestone] * 64)

    refused = await say.refusal(stage.client.post("intake", BRIEFS, brief))

    assert_told(refused, 422, "event_too_large", "bytes of 65536", "shorten its texts")


async def test_an_expert_with_an_unknown_skill_is_refused(stage: Stage) -> None:
    vendor, skill = stage.team[0].vendor, f"{say.ESCO}{uuid4()}"
    expert = say.an_expert(vendor, stage.country, skills=[{"skill": skill, "level": 3}])

    refused = await say.refusal(vendor.post("matching", "/v1/experts", expert))

    assert_told(refused, 422, "reference_unknown", skill, "GET /v1/skills", pointer="/skills/0/skill")


async def test_two_mebibytes_of_json_are_refused(stage: Stage) -> None:
    brief = say.a_brief(brief="x" * 2 * 1024 * 1024)

    refused = await say.refusal(stage.client.post("intake", BRIEFS, brief))

    assert_told(refused, 413, "body_too_large", "at most 1048576 bytes")


# Who asks -------------------------------------------------------------------------------------------------


async def test_a_request_without_a_token_is_refused(world: World) -> None:
    answer = await world.client.get(f"{world.urls['intake']}{BRIEFS}")

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_missing"
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_another_issuer_is_refused(stage: Stage, tmp_path: Path) -> None:
    foreign = TokenIssuer.open(Home.open(tmp_path)).issue(stage.client.identity)
    pretender = Actor(stage.client.world, stage.client.identity, foreign)

    refused = await say.refusal(pretender.get("intake", BRIEFS))

    assert_told(refused, 401, "token_invalid", "a key that its issuer does not publish")


async def test_a_token_with_the_claims_of_somebody_else_is_refused(stage: Stage) -> None:
    header, _, signature = stage.client.token.split(".")
    _, claims, _ = stage.operator.token.split(".")
    pretender = Actor(stage.client.world, stage.operator.identity, f"{header}.{claims}.{signature}")

    refused = await say.refusal(pretender.get("intake", BRIEFS))

    assert_told(refused, 401, "token_invalid", "does not hold")


async def test_a_token_without_the_scope_is_refused_by_name(stage: Stage) -> None:
    vendor = stage.team[0].vendor

    refused = await say.refusal(vendor.post("intake", BRIEFS, say.a_brief()))

    assert_told(refused, 403, "scope_missing", "engagements:write")


# What was seen, and how often it is asked -----------------------------------------------------------------


async def test_an_action_on_an_old_version_is_refused(filed: say.Engaged) -> None:
    path, reason = f"{filed.path}/cancel", {"reason": "Stopped."}

    refused = await say.refusal(filed.client.post("intake", path, dict(reason), seen='"99"'))

    assert_told(refused, 412, "stale_version", "You saw version 99, the current one is 1", "read it again")


async def test_an_action_that_does_not_say_what_was_seen_is_refused(filed: say.Engaged) -> None:
    path = f"{filed.path}/cancel"

    refused = await say.refusal(filed.client.post("intake", path, {"reason": "Stopped."}))

    assert_told(refused, 428, "if_match_missing", "ETag", "If-Match")


async def test_a_command_without_an_idempotency_key_is_refused(stage: Stage) -> None:
    refused = await say.refusal(stage.client.ask("POST", "intake", BRIEFS, json=say.a_brief()))

    assert_told(refused, 400, "idempotency_key_missing", "Idempotency-Key", "1 to 255 characters")


async def test_a_key_that_was_used_for_another_body_is_refused(stage: Stage) -> None:
    key = uuid4().hex
    await stage.client.post("intake", BRIEFS, say.a_brief(), key=key)

    refused = await say.refusal(
        stage.client.post("intake", BRIEFS, say.a_brief(title="Something else"), key=key)
    )

    assert_told(refused, 422, "idempotency_key_reused", "choose a new one", pointer="/Idempotency-Key")


async def test_a_cursor_that_was_changed_is_refused(stage: Stage, filed: say.Engaged) -> None:
    await stage.submit()
    page = await stage.client.get("intake", f"{BRIEFS}?limit=1")
    cursor = page.text("next_cursor")
    changed = ("B" if cursor.startswith("A") else "A") + cursor[1:]

    refused = await say.refusal(stage.client.get("intake", f"{BRIEFS}?limit=1&cursor={changed}"))

    assert filed.id
    assert_told(refused, 400, "cursor_invalid", "next_cursor of an earlier answer")


# Bank lines -----------------------------------------------------------------------------------------------


def a_line(**changes: object) -> Json:
    """Make a credit that quotes nothing."""
    line: Json = {
        "direction": "credit",
        "account": say.BANK_ACCOUNT,
        "reference": uuid4().hex,
        "amount": say.money("10.00"),
        "booked_at": say.in_days(0),
    }
    return {**line, **changes}  # type: ignore[dict-item] # JSON by construction.


@pytest.mark.parametrize("missing", ["account", "reference", "amount"])
async def test_a_bank_line_that_lacks_a_part_is_refused(operator: Actor, missing: str) -> None:
    line = {name: value for name, value in a_line().items() if name != missing}

    refused = await say.refusal(operator.post("billing", LINES, line))

    assert_told(refused, 422, "request_invalid", "This is required", pointer=f"/{missing}")


async def test_the_same_bank_line_again_gets_the_first_answer(operator: Actor) -> None:
    line = a_line()
    first = await operator.post("billing", LINES, line)

    second = await operator.post("billing", LINES, line)

    assert (second.body, second.etag) == (first.body, first.etag)


async def test_a_bank_line_with_other_content_under_the_same_reference_is_refused(operator: Actor) -> None:
    line = a_line()
    await operator.post("billing", LINES, line)

    refused = await say.refusal(operator.post("billing", LINES, {**line, "amount": say.money("11.00")}))

    words = str(line["reference"]), "another amount"
    assert_told(refused, 409, "bank_line_differs", *words, pointer="/amount")


async def test_a_bank_line_without_a_payment_reference_waits_for_finance(operator: Actor) -> None:
    answer = await operator.post("billing", LINES, a_line(remittance="Thank you!"))

    assert (answer.body["state"], answer.body["reason"]) == ("unallocated", "no_reference")


async def test_a_bank_line_in_another_currency_waits_for_finance(filed: say.Engaged, operator: Actor) -> None:
    escrow = await filed.client.get("billing", filed.escrow_path)
    dollars, reference = say.money("48000.00", "USD"), escrow.text("payment_reference")

    answer = await operator.post("billing", LINES, a_line(amount=dollars, remittance=reference))

    assert (answer.body["state"], answer.body["reason"]) == ("unallocated", "wrong_currency")
    after = await filed.client.get("billing", filed.escrow_path)
    assert after.body["funded"] == say.money("0.00")


# Offers, work and its end ---------------------------------------------------------------------------------


async def test_an_offer_that_expired_cannot_be_accepted(stage: Stage) -> None:
    engaged, offer = await stage.offered(offer_valid_for="PT2S")
    vendor = say.vendor_of(stage.client.world, offer)

    def has_expired(match: Json) -> bool:
        answers = {each["number"]: each["answer"] for each in say.rows(match["offers"])}
        return answers[offer["number"]] == "expired"

    await say.until(stage.client, "matching", engaged.match_path, has_expired, "the offer expires")

    refused = await say.refusal(say.answer_offer(vendor, engaged, offer, "accept"))

    assert_told(refused, 409, "offer_closed", "closed: expired")


async def test_an_offer_cannot_be_accepted_twice(working: tuple[say.Engaged, Actor]) -> None:
    engaged, vendor = working

    refused = await say.refusal(say.answer_offer(vendor, engaged, {"number": 1}, "accept"))

    assert_told(refused, 409, "offer_closed", "closed: accepted")


async def test_the_work_order_of_another_vendor_does_not_exist(
    stage: Stage, working: tuple[say.Engaged, Actor]
) -> None:
    engaged, vendor = working
    (other,) = [member.vendor for member in stage.team if member.vendor.tenant != vendor.tenant]
    path = f"{engaged.work_order_path}/milestones/1/submit"
    named: Json = {"deliverable_id": str(uuid4()), "name": "report.pdf"}

    refused = await say.refusal(other.post("delivery", path, {"deliverables": [named]}))

    assert_told(refused, 404, "not_found")


async def test_content_with_another_hash_is_refused_and_not_kept(
    working: tuple[say.Engaged, Actor],
) -> None:
    engaged, vendor = working
    path = f"{engaged.work_order_path}/deliverables/{uuid4()}/content"

    refused = await say.refusal(
        vendor.put_content("delivery", path, REPORT, say.content_headers(b"other bytes"))
    )

    assert_told(
        refused, 422, "content_mismatch", "Content-Digest", "send them again", pointer="/Content-Digest"
    )
    kept = await say.refusal(vendor.get("delivery", path))
    assert_told(kept, 404, "content_not_found")


async def test_a_milestone_is_returned_three_times_and_no_more(working: tuple[say.Engaged, Actor]) -> None:
    engaged, vendor = working
    for _ in range(RETURNS_MAX):
        await say.deliver(vendor, engaged, 1, REPORT)
        await say.return_milestone(engaged, 1, "Not yet.")
    await say.deliver(vendor, engaged, 1, REPORT)

    refused = await say.refusal(say.return_milestone(engaged, 1, "Once more."))

    assert_told(refused, 409, "returns_exhausted", f"returned {RETURNS_MAX} times", "accept it")
    assert refused.problem["allowed"] == ["accept"]


async def test_a_closed_engagement_cannot_be_cancelled(stage: Stage) -> None:
    engaged = await stage.submit()
    await say.cancel(engaged)
    await say.until_closed(engaged, "cancelled")

    refused = await say.refusal(say.cancel(engaged))

    assert_told(refused, 409, "engagement_closed", "closed (cancelled)", "nothing left to cancel")
    assert refused.problem["allowed"] == []
