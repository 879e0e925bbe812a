"""Reads lists to their end, page by page."""

from kpo_cli.story.actors import Actor, Json

PAGE_ITEMS = 200
PAGES_MAX = 1_000


async def all_items(actor: Actor, service: str, path: str) -> list[Json]:
    """Give every item of a list."""
    found: list[Json] = []
    cursor = ""
    joint = "&" if "?" in path else "?"
    for _ in range(PAGES_MAX):
        page = await actor.get(service, f"{path}{joint}limit={PAGE_ITEMS}{cursor}")
        items = page.body["items"]
        assert isinstance(items, list)
        found.extend(item for item in items if isinstance(item, dict))
        if page.body["next_cursor"] is None:
            return found
        cursor = f"&cursor={page.body['next_cursor']}"
    raise AssertionError(f"{path} has more than {PAGES_MAX} pages")
