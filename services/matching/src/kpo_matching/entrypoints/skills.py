"""Search among the ESCO skills that profiles and engagements may name."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Security

from kpo_chassis.http import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
    PageBody,
    caller,
    edge_of,
    only_parameters,
    route_template,
)
from kpo_chassis.kernel import Caller
from kpo_matching.domain.references import References
from kpo_matching.entrypoints.bodies import SkillBody, skill_body

QUERY_CHARS_MAX = 100

Search = Annotated[
    str, Query(max_length=QUERY_CHARS_MAX, description="Words that the label must contain.", examples=["law"])
]


class SkillPage(PageBody[SkillBody]):
    """A page of skills, by label."""


def skills_router(references: References) -> APIRouter:
    routes = APIRouter(tags=["skills"])

    @routes.get("/v1/skills", dependencies=[Depends(only_parameters("query", "limit", "cursor"))])
    async def list_skills(
        request: Request,
        who: Annotated[Caller, Security(caller)],
        query: Search = "",
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> SkillPage:
        """Find ESCO skills by the words of their labels."""
        assert who
        cursors, filters = edge_of(request).cursors, (route_template(request), query)
        start = int(cursors.open(cursor, filters)) if cursor else 0
        found = references.search(query, after=start, limit=limit + 1)
        more = cursors.seal(str(start + limit), filters) if len(found) > limit else None
        return SkillPage(items=tuple(map(skill_body, found[:limit])), next_cursor=more)

    return routes
