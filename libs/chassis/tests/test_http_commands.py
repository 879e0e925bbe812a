"""Commands over HTTP: keys, fingerprints, versions, and what is answered when a change is refused."""

import asyncio
import json
from uuid import uuid4

import httpx2
import pytest
from fastapi import APIRouter

from kpo_chassis.http import Check
from kpo_chassis.kernel import (
    ConflictError,
    KeyReusedError,
    NotFoundError,
    OverloadedError,
    RejectedError,
    StaleError,
    TransientError,
)

from .door import BriefStatus, Door, a_door


async def written(door: Door, key: str = "k1", **said: object) -> httpx2.Response:
    body = {"title": "Cobalt", **said}
    return await door.http.post("/v1/briefs", json=body, headers=door.writing(key))


async def test_a_creation_answers_201_with_location_and_version(door: Door) -> None:
    answer = await written(door)

    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/briefs/{answer.json()['id']}"
    assert answer.headers["etag"] == '"1"'
    assert "idempotency-replayed" not in answer.headers
    assert answer.json()["title"] == "Cobalt"


async def test_a_repeated_request_gets_the_stored_answer(door: Door) -> None:
    first = await written(door)

    again = await written(door)

    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert len(door.shelf.briefs) == 1


async def test_a_key_with_another_request_is_refused(door: Door) -> None:
    await written(door)

    answer = await written(door, title="Nickel")

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert answer.json()["errors"][0]["source"] == "header"


async def test_the_order_of_fields_and_spaces_do_not_make_another_request(door: Door) -> None:
    headers = door.writing() | {"Content-Type": "application/json"}
    await door.http.post("/v1/briefs", content='{"title":"A","tone":"plain"}', headers=headers)

    answer = await door.http.post(
        "/v1/briefs", content='{ "tone": "plain", "title": "\\u0041" }', headers=headers
    )

    assert answer.headers["idempotency-replayed"] == "true"


async def test_a_key_is_bound_to_its_route_and_the_fingerprint_to_the_path(door: Door) -> None:
    briefs = [door.a_brief(), door.a_brief()]

    for brief in briefs:
        await door.http.post(
            f"/v1/briefs/{brief.id}/publish", json={}, headers=door.writing("k", If_Match='"1"')
        )

    first, second = door.shelf.causes
    assert first.key == second.key == "POST /v1/briefs/{brief_id}/publish:k"
    assert first.fingerprint != second.fingerprint
    assert len(first.fingerprint) == 64


async def test_a_stale_version_is_refused_with_412(door: Door) -> None:
    brief = door.a_brief()

    answer = await door.http.post(
        f"/v1/briefs/{brief.id}/publish", json={}, headers=door.writing(If_Match='"7"')
    )

    assert answer.status_code == 412
    assert answer.json()["code"] == "stale_version"


async def test_an_action_on_the_version_seen_raises_it(door: Door) -> None:
    brief = door.a_brief()

    answer = await door.http.post(
        f"/v1/briefs/{brief.id}/publish", json={}, headers=door.writing(If_Match='"1"')
    )

    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'


async def test_a_state_that_does_not_allow_it_answers_409_with_what_it_allows(door: Door) -> None:
    brief = door.a_brief(status=BriefStatus.PUBLISHED)

    answer = await door.http.post(
        f"/v1/briefs/{brief.id}/publish", json={}, headers=door.writing(If_Match='"1"')
    )

    assert answer.status_code == 409
    assert answer.json()["code"] == "already_published"
    assert answer.json()["allowed"] == ["withdraw", "copy"]


async def test_another_tenants_brief_does_not_exist(door: Door) -> None:
    brief = door.a_brief()
    stranger = door.writing(If_Match='"1"') | door.token("briefs:write", tenant=uuid4())

    answer = await door.http.post(f"/v1/briefs/{brief.id}/publish", json={}, headers=stranger)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (NotFoundError("No."), 404, "not_found"),
        (ConflictError("No."), 409, "conflict"),
        (RejectedError("No."), 422, "rejected"),
        (StaleError("No."), 412, "stale_version"),
        (KeyReusedError("No."), 422, "idempotency_key_reused"),
        (OverloadedError(7), 503, "overloaded"),
        (TransientError(), 503, "unavailable"),
        (ZeroDivisionError("secret"), 500, "internal_error"),
    ],
)
async def test_each_kind_of_failure_has_its_status(
    door: Door, failure: Exception, status: int, code: str
) -> None:
    door.shelf.failure = failure

    answer = await written(door)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["type"] == f"urn:kpo:problem:{code}"
    assert "secret" not in answer.text


async def test_a_rule_names_the_part_of_the_request_that_breaks_it(door: Door) -> None:
    door.shelf.failure = RejectedError("At most 500.00 EUR.", pointer="/fee/amount")

    answer = await written(door)

    assert answer.json()["errors"] == [
        {"source": "body", "pointer": "/fee/amount", "code": "rejected", "detail": "At most 500.00 EUR."}
    ]


@pytest.mark.parametrize(("failure", "seconds"), [(OverloadedError(7), "7"), (TransientError(), "1")])
async def test_what_may_be_tried_again_says_when(door: Door, failure: Exception, seconds: str) -> None:
    door.shelf.failure = failure

    answer = await written(door)

    assert answer.headers["retry-after"] == seconds


async def test_a_request_that_takes_too_long_is_answered_with_503() -> None:
    routes = APIRouter()

    @routes.get("/v1/slow")
    async def get_slow() -> None:
        await asyncio.sleep(60)

    async with a_door(routes, timeout_seconds=0.05) as door:
        answer = await door.http.get("/v1/slow")

    assert answer.status_code == 503
    assert answer.json()["code"] == "timeout"
    assert answer.headers["retry-after"] == "1"


async def test_a_timeout_of_our_own_code_is_a_bug_and_not_the_request_timeout(door: Door) -> None:
    door.shelf.failure = TimeoutError()

    answer = await written(door)

    assert answer.status_code == 500


async def test_the_request_id_comes_back_or_is_made(door: Door) -> None:
    given = await door.http.get("/v1/nowhere", headers={"X-Request-Id": "front-end-42"})
    evil = await door.http.get("/v1/nowhere", headers={"X-Request-Id": "a b{}"})

    assert given.headers["x-request-id"] == given.json()["request_id"] == "front-end-42"
    assert evil.headers["x-request-id"] == evil.json()["request_id"] != "a b{}"


async def test_each_failed_rule_has_its_pointer_and_says_what_is_allowed(door: Door) -> None:
    said = {
        "tone": "rude",
        "fee": {"amount": "1", "currency": "EUR", "tip": 1},
        "due_at": "2026-03-02T09:00:00",
        "tags": ["ok", "much too long a tag"],
        "a/b~c": 1,
    }

    answer = await door.http.post("/v1/briefs", json=said, headers=door.writing())

    assert answer.status_code == 422
    errors = {error["pointer"]: error["detail"] for error in answer.json()["errors"]}
    assert errors["/title"] == "This is required."
    assert "'formal' or 'plain'" in errors["/tone"]
    assert "10 characters" in errors["/tags/1"]
    assert "with its offset" in errors["/due_at"]
    assert "no such field" in errors["/fee/tip"]
    assert "no such field" in errors["/a~1b~0c"]


@pytest.mark.parametrize(
    ("said", "pointer", "detail"),
    [
        ({"title": "   "}, "/title", "This text is blank; write something."),
        ({"title": "a\0b"}, "/title", "There are control characters in this text; leave them out."),
        ({"tags": ["a\x1bb"]}, "/tags", "There are control characters in this text; leave them out."),
        (
            {"due_at": "0001-01-01T00:00:00+14:00"},
            "/due_at",
            "Write a moment that is in the years 1 to 9999 in UTC.",
        ),
        ({"due_at": 1_799_999_999}, "/due_at", "Write a moment with its offset, like 2027-03-01T09:30:00Z."),
        (
            {"due_at": "2027-03-01 09:30Z"},
            "/due_at",
            "Write a moment with its offset, like 2027-03-01T09:30:00Z.",
        ),
    ],
)
async def test_what_means_nothing_or_two_things_is_refused(
    door: Door, said: dict[str, object], pointer: str, detail: str
) -> None:
    answer = await written(door, "k1", **said)

    assert answer.status_code == 422
    assert [(e["pointer"], e["detail"]) for e in answer.json()["errors"]] == [(pointer, detail)]


async def test_a_moment_that_no_clock_shows_is_refused_in_a_list_too(door: Door) -> None:
    answer = await door.http.get(
        "/v1/briefs", params={"due_before": "9999-12-31T23:59:59-14:00"}, headers=door.writing()
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/due_before"


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        (b'{"title": "A", "title": "B"}', "The field 'title' is there twice; send it once."),
        (
            b'{"title": "A", "fee": {"amount": "1.00", "currency": "EUR", "amount": "2.00"}}',
            "The field 'amount' is there twice; send it once.",
        ),
        ('{"title": "A"}'.encode("utf-16"), "The body is not in UTF-8; send valid JSON in UTF-8."),
    ],
)
async def test_json_that_readers_may_understand_differently_is_refused(
    door: Door, sent: bytes, detail: str
) -> None:
    headers = door.writing() | {"Content-Type": "application/json"}

    answer = await door.http.post("/v1/briefs", content=sent, headers=headers)

    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        400, "json_malformed", detail,
    )  # fmt: skip


async def test_several_lines_are_a_text(door: Door) -> None:
    answer = await written(door, title="Cobalt\n\tand nickel")

    assert answer.json()["title"] == "Cobalt\n\tand nickel"


async def test_a_problem_does_not_repeat_what_was_sent(door: Door) -> None:
    answer = await written(door, tone="my-password")

    assert "my-password" not in answer.text


async def test_an_invalid_id_in_the_path_is_named(door: Door) -> None:
    answer = await door.http.get("/v1/briefs/nonsense", headers=door.token("briefs:read"))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["source"] == "path"
    assert answer.json()["errors"][0]["pointer"] == "/brief_id"


async def test_a_very_deep_body_is_malformed(door: Door) -> None:
    headers = door.writing() | {"Content-Type": "application/json"}

    answer = await door.http.post("/v1/briefs", content="[" * 200_000, headers=headers)

    assert answer.status_code == 400


async def test_not_a_number_is_no_json_that_reaches_a_field(door: Door) -> None:
    headers = door.writing() | {"Content-Type": "application/json"}

    answer = await door.http.post("/v1/briefs", content='{"title": NaN}', headers=headers)

    assert answer.status_code == 422


async def test_moments_are_kept_in_utc_to_the_millisecond(door: Door) -> None:
    answer = await written(door, due_at="2026-03-02T10:00:00.123456+01:00")

    assert answer.json()["due_at"] == "2026-03-02T09:00:00.123Z"


async def test_health_tells_what_decides_and_what_does_not(door: Door) -> None:
    door.checks.append(Check("broker", ok=False, decisive=False, detail="no answer"))
    ready = await door.http.get("/readyz")
    door.checks.append(Check("database", ok=False))
    unready = await door.http.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["checks"][0]["name"] == "broker"
    assert unready.status_code == 503
    assert unready.json()["ready"] is False
    assert (await door.http.get("/livez")).status_code == 200
    assert (await door.http.get("/version")).json()["version"] == "1.2.3"


async def test_one_log_line_per_request(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="kpo")

    await written(door)
    await door.http.get("/livez")

    lines = [record.__dict__ for record in caplog.records if record.message == "request"]
    assert len(lines) == 1
    assert lines[0]["route"] == "/v1/briefs"
    assert lines[0]["status"] == 201
    assert lines[0]["tenant"] == door.tenant
    assert "Cobalt" not in json.dumps(lines[0], default=str)
