"""Reading over HTTP: one by id, pages with cursors, tasks."""

from datetime import timedelta
from uuid import uuid4

from .door import READ, START, BriefStatus, Door


async def pages(door: Door, path: str, limit: int) -> list[list[str]]:
    """Follow the cursors to the end and give the ids of each page."""
    found, cursor, more = list[list[str]](), "", True
    while more:
        answer = await door.http.get(f"{path}?limit={limit}{cursor}", headers=door.token(READ))
        page = answer.json()
        found.append([item.get("id") or item["aggregate_id"] for item in page["items"]])
        cursor, more = f"&cursor={page['next_cursor']}", page["next_cursor"] is not None
    return found


async def test_one_brief_has_its_version_as_etag(door: Door) -> None:
    brief = door.a_brief()

    answer = await door.http.get(f"/v1/briefs/{brief.id}", headers=door.token(READ))

    assert answer.json()["id"] == str(brief.id)
    assert answer.headers["etag"] == '"1"'


async def test_who_has_the_version_already_gets_304(door: Door) -> None:
    brief = door.a_brief()

    for seen in ('"1"', 'W/"1"', '"9", "1"', "*"):
        headers = door.token(READ) | {"If-None-Match": seen}
        answer = await door.http.get(f"/v1/briefs/{brief.id}", headers=headers)

        assert answer.status_code == 304
        assert answer.headers["etag"] == '"1"'
        assert answer.content == b""


async def test_who_has_an_old_version_gets_the_new_one(door: Door) -> None:
    brief = door.a_brief()

    headers = door.token(READ) | {"If-None-Match": '"7"'}
    answer = await door.http.get(f"/v1/briefs/{brief.id}", headers=headers)

    assert answer.status_code == 200


async def test_the_shape_knows_who_asks(door: Door) -> None:
    brief = door.a_brief()

    own = await door.http.get(f"/v1/briefs/{brief.id}", headers=door.token(READ))
    operator = door.token(READ, "operator", tenant=uuid4())
    seen_by_operator = await door.http.get(f"/v1/briefs/{brief.id}", headers=operator)

    assert own.json()["is_yours"] is True
    assert seen_by_operator.json()["is_yours"] is False


async def test_foreign_briefs_are_not_found_and_not_listed(door: Door) -> None:
    brief = door.a_brief()
    stranger = door.token(READ, tenant=uuid4())

    one = await door.http.get(f"/v1/briefs/{brief.id}", headers=stranger)
    many = await door.http.get("/v1/briefs", headers=stranger)

    assert one.status_code == 404
    assert many.json() == {"items": [], "next_cursor": None}


async def test_pages_show_everything_once_newest_first(door: Door) -> None:
    briefs = [str(door.a_brief().id) for _ in range(5)]

    found = await pages(door, "/v1/briefs", 2)

    assert found == [briefs[4:2:-1], briefs[2:0:-1], briefs[:1]]


async def test_a_brief_written_between_two_pages_moves_nothing(door: Door) -> None:
    old = [str(door.a_brief().id) for _ in range(3)]
    first = (await door.http.get("/v1/briefs?limit=2", headers=door.token(READ))).json()
    door.a_brief()

    cursor = first["next_cursor"]
    second = await door.http.get(f"/v1/briefs?limit=2&cursor={cursor}", headers=door.token(READ))

    assert [item["id"] for item in second.json()["items"]] == [old[0]]


async def test_a_list_keeps_the_state_that_was_asked_for(door: Door) -> None:
    door.a_brief()
    published = door.a_brief(status=BriefStatus.PUBLISHED)

    answer = await door.http.get("/v1/briefs?state=published", headers=door.token(READ))

    assert [item["id"] for item in answer.json()["items"]] == [str(published.id)]


async def test_an_unknown_state_is_refused_with_the_known_ones(door: Door) -> None:
    answer = await door.http.get("/v1/briefs?state=expected", headers=door.token(READ))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "Input should be one of draft, published."


async def test_a_list_keeps_what_a_filter_of_its_own_asks_for(door: Door) -> None:
    soon = door.a_brief(due_at=START)
    door.a_brief(due_at=START + timedelta(days=2))

    path = "/v1/briefs?due_before=2026-03-03T09:00:00Z"
    answer = await door.http.get(path, headers=door.token(READ))

    assert [item["id"] for item in answer.json()["items"]] == [str(soon.id)]


async def test_a_filter_that_the_list_does_not_have_is_refused_with_those_it_has(door: Door) -> None:
    answer = await door.http.get("/v1/briefs?due_after=2026-03-03T09:00:00Z", headers=door.token(READ))

    assert answer.status_code == 422
    assert "state, due_before, limit, cursor" in answer.json()["errors"][0]["detail"]


async def test_a_cursor_holds_only_for_its_own_filters(door: Door) -> None:
    for _ in range(3):
        door.a_brief()
    page = (await door.http.get("/v1/briefs?limit=1", headers=door.token(READ))).json()

    for path in ("/v1/briefs?state=draft&", "/v1/briefs?due_before=2026-03-03T09:00:00Z&", "/v1/tasks?"):
        answer = await door.http.get(f"{path}cursor={page['next_cursor']}", headers=door.token(READ))

        assert answer.status_code == 400
        assert answer.json()["code"] == "cursor_mismatch"


async def test_a_cursor_that_was_changed_is_refused(door: Door) -> None:
    for _ in range(3):
        door.a_brief()
    cursor = (await door.http.get("/v1/briefs?limit=1", headers=door.token(READ))).json()["next_cursor"]

    for position in range(0, len(cursor), 7):
        changed = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        answer = await door.http.get(f"/v1/briefs?cursor={changed}", headers=door.token(READ))

        assert answer.status_code == 400
        assert answer.json()["code"] == "cursor_invalid"


async def test_tasks_come_soonest_first_with_the_link_of_the_action(door: Door) -> None:
    never = door.a_brief()
    later = door.a_brief(due_at=START + timedelta(days=2))
    soon = door.a_brief(due_at=START + timedelta(days=1))

    answer = await door.http.get("/v1/tasks", headers=door.token())

    items = answer.json()["items"]
    assert [item["aggregate_id"] for item in items] == [str(soon.id), str(later.id), str(never.id)]
    assert items[0]["link"] == f"/v1/briefs/{soon.id}/publish"
    assert items[0]["due_at"] == "2026-03-03T09:00:00.000Z"
    assert items[2]["due_at"] is None


async def test_tasks_have_pages_too(door: Door) -> None:
    waiting = {str(door.a_brief(due_at=START + timedelta(days=n)).id) for n in range(3)}
    waiting |= {str(door.a_brief().id) for _ in range(2)}

    found = await pages(door, "/v1/tasks", 2)

    assert [len(page) for page in found] == [2, 2, 1]
    assert {key for page in found for key in page} == waiting
