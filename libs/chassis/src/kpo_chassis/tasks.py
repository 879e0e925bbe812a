"""`GET /v1/tasks`: what waits for the caller's tenant, across everything that a service owns."""

import json
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Security
from pydantic import Field

from kpo_chassis.bodies import Instant, ResponseBody
from kpo_chassis.commands import caller, route_template
from kpo_chassis.documents import OpenTask
from kpo_chassis.edge import edge_of, listings_of
from kpo_chassis.kernel import Caller
from kpo_chassis.lists import LIMIT_DEFAULT, Cursor, Limit, PageBody, only_parameters
from kpo_chassis.reading import TaskPlace


class TaskBody(ResponseBody):
    """Something that waits for a tenant."""

    tenant_id: UUID
    action: str = Field(description="What to do, as a verb of this API.", examples=["choose"])
    link: str = Field(description="The path of the action.", examples=["/v1/matches/{match_id}/choose"])
    due_at: Instant | None = Field(description="When a clock acts instead; null when none runs.")
    aggregate: str = Field(description="The kind of thing that waits.", examples=["match"])
    aggregate_id: UUID


class TaskPage(PageBody[TaskBody]):
    """A page of tasks, the most urgent first."""


def tasks_router() -> APIRouter:
    routes = APIRouter(tags=["tasks"])

    @routes.get("/v1/tasks", dependencies=[Depends(only_parameters("limit", "cursor"))])
    async def list_tasks(
        request: Request,
        who: Annotated[Caller, Security(caller)],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> TaskPage:
        """List what waits for your organisation, the most urgent first (for the operator: for everybody)."""
        cursors, filters = edge_of(request).cursors, (route_template(request),)
        after = _place_of(cursors.open(cursor, filters)) if cursor else None
        found = await listings_of(request).tasks(who, after=after, limit=limit + 1)
        shown = found[:limit]
        more = cursors.seal(_place_text(shown[-1]), filters) if len(found) > limit else None
        return TaskPage(items=tuple(map(_task_body, shown)), next_cursor=more)

    return routes


def _task_body(waiting: OpenTask) -> TaskBody:
    return TaskBody(
        tenant_id=waiting.task.tenant,
        action=waiting.task.action,
        link=waiting.task.path,
        due_at=waiting.task.until,
        aggregate=waiting.aggregate,
        aggregate_id=waiting.id,
    )


def _place_text(waiting: OpenTask) -> str:
    until = waiting.task.until
    return json.dumps(
        [until.isoformat() if until else None, waiting.id.hex, waiting.task.path, waiting.task.action]
    )


def _place_of(text: str) -> TaskPlace:
    until, key, path, action = json.loads(text)
    return TaskPlace(datetime.fromisoformat(until) if until else None, UUID(key), path, action)
