"""Brings parked records back: when their time has come, their gap has closed, or a person wished it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from kpo_chassis.audit import outcome_row
from kpo_chassis.batch import Release
from kpo_chassis.committer import Committer, WallClock
from kpo_chassis.consumer import Dispatcher
from kpo_chassis.meters import Meters
from kpo_chassis.outcome import Skip
from kpo_chassis.parking import BODY, SKIP, parked_id, unpark
from kpo_chassis.store import AUDIT, INBOX, PARKED, Database, Document, Where
from kpo_chassis.work import Lane, Proposal, Slot

HEAL_SECONDS = 0.5
PARKED_ROWS_MAX = 2_000
"""How many parked rows one look takes in, without their bodies; the next look begins behind them."""

RELEASES_AT_ONCE_MAX = 500
"""How many records one look brings back, with their bodies."""

BY_STREAM = (("topic", 1), ("partition", 1), ("key", 1), ("seq", 1))
WAITS_FOR_ORDER = frozenset({"behind", "gap"})


class _Turn(NamedTuple):
    """A parked row whose turn it is, and the next parked number of its stream (0: none that is known)."""

    row: Document
    following: int


class Healer:
    """Looks after the parked records of the partitions that this process owns."""

    def __init__(  # noqa: PLR0913 - every part of the engine that it touches.
        self,
        database: Database,
        committer: Committer,
        dispatcher: Dispatcher,
        lanes: Mapping[str, Lane],
        *,
        clock: WallClock,
        meters: Meters,
        ability: str,
    ) -> None:
        self._database = database
        self._committer = committer
        self._dispatcher = dispatcher
        self._lanes = lanes
        self._clock = clock
        self._meters = meters
        self._ability = ability
        self._under_way: dict[str, Release] = {}
        self._after: Document | None = None

    async def heal(self) -> None:
        """Release from every parked stream that this look comes to whatever may come back now."""
        topics = sorted({lane.topic for lane in self._lanes.values()})
        if not topics:
            return
        await self._count_released()
        await self._discard_unnumbered(topics)
        rows = await self._look(topics)
        if rows:
            streams = list({_stream(row) for row in rows})
            inbox = await self._database.find(INBOX, {"_id": {"$in": streams}}, limit=len(streams))
            await self._bring_back(rows, {str(row["_id"]): row["seq"] for row in inbox})

    async def _look(self, topics: list[str]) -> list[Document]:
        """Read the next rows in the order of their streams; a stream that is cut off shows its first ones."""
        where: Document = {"topic": {"$in": topics}, "seq": {"$ne": None}}
        if self._after is not None:
            where["$or"] = _behind(self._after)
        rows = await self._database.find(PARKED, where, sort=BY_STREAM, limit=PARKED_ROWS_MAX, without=BODY)
        self._after = rows[-1] if len(rows) == PARKED_ROWS_MAX else None
        return rows

    # What may come back -----------------------------------------------------------------------------------

    async def _bring_back(self, rows: list[Document], applied: Mapping[str, object]) -> None:
        chains = [
            list(self._chain(list(group), applied.get(stream, 0)))
            for stream, group in groupby(rows, key=_stream)
        ]
        ids = [turn.row["_id"] for chain in chains for turn in chain][:RELEASES_AT_ONCE_MAX]
        if not ids:
            return
        found = await self._database.find(PARKED, {"_id": {"$in": ids}}, limit=len(ids))
        whole = {row["_id"]: row for row in found}
        for chain in chains:
            self._release(list(_still_so(chain, whole)))

    def _chain(self, rows: Sequence[Document], applied: object) -> Iterator[_Turn]:
        """Give the rows of one stream whose turn it is, each of which needs the one before it to succeed."""
        assert isinstance(applied, int)
        for number, row in enumerate(rows):
            seq, following = row["seq"], rows[number + 1]["seq"] if number + 1 < len(rows) else 0
            assert isinstance(seq, int)
            assert isinstance(following, int)
            leaps = row["wish"] == SKIP and number > 0  # It would leap over one that has no verdict yet.
            if leaps or not self._is_free(row) or not self._is_turn(row, seq, applied):
                return
            yield _Turn(row, following)
            applied = max(applied, seq)

    def _is_free(self, row: Document) -> bool:
        """Say whether its partition is ours and it is not being tried already."""
        running = self._under_way.get(str(row["_id"]))
        return _lane_id(row) in self._lanes and (running is None or running.slot.settled)

    def _is_turn(self, row: Document, seq: int, applied: int) -> bool:
        if seq <= applied or row["wish"] == SKIP:
            return True
        if seq != applied + 1:
            return False
        next_at = row["next_at"]
        is_due = isinstance(next_at, datetime) and next_at <= self._clock.now()
        is_of_other_build = row.get("unreadable_by") not in (None, self._ability)
        return is_due or is_of_other_build or row["wish"] is not None or row["code"] in WAITS_FOR_ORDER

    def _release(self, chain: Sequence[_Turn]) -> None:
        """Hand records of one stream over: they are handled, and committed, in this order."""
        releases = []
        for row, following in chain:
            lane = self._lanes.get(_lane_id(row))
            if lane is None:
                return
            slot = Slot(unpark(row), verdict=Skip() if row["wish"] == SKIP else None, parked=row)
            releases.append(Release(lane, slot, following))
        for release in releases:
            self._under_way[parked_id(release.slot.record)] = release
            self._committer.release(release)
        self._dispatcher.dispatch([r.slot for r in releases if r.slot.verdict is None])

    # What has come back -----------------------------------------------------------------------------------

    async def _count_released(self) -> None:
        """Let go of what came back and is parked no more; what others brought back is theirs to count."""
        if not self._under_way:
            return
        still_parked = await self._database.existing(PARKED, list(self._under_way))
        for key in [key for key in self._under_way if key not in still_parked]:
            release = self._under_way.pop(key)
            is_ours = release.slot.settled and self._lanes.get(release.lane.id) is release.lane
            assert release.slot.parked is not None
            if is_ours and release.slot.parked["wish"] != SKIP:
                self._meters.add("kpo_released_total")
            if is_ours and isinstance(release.slot.verdict, Proposal):
                release.lane.parked_in_a_row = 0  # This build can handle what is in this partition.

    async def _discard_unnumbered(self, topics: list[str]) -> None:
        """Remove records without a number when a person says so: they can never be applied."""
        where: Where = {"topic": {"$in": topics}, "seq": None, "wish": SKIP}
        found = await self._database.find(PARKED, where, limit=PARKED_ROWS_MAX, without=BODY)
        rows = [row for row in found if _lane_id(row) in self._lanes]
        if rows:
            now = self._clock.now()
            await self._database.insert(AUDIT, [outcome_row(row, "done", now) for row in rows])
            await self._database.forget(PARKED, [str(row["_id"]) for row in rows])


def _stream(row: Document) -> str:
    return f"{row['topic']}/{row['key']}"


def _lane_id(row: Document) -> str:
    return f"{row['topic']}/{row['partition']}"


def _behind(row: Document) -> list[Where]:
    """Describe all streams that sort after that of a row."""
    topic, partition, key = row["topic"], row["partition"], row["key"]
    return [
        {"topic": {"$gt": topic}},
        {"topic": topic, "partition": {"$gt": partition}},
        {"topic": topic, "partition": partition, "key": {"$gt": key}},
    ]


def _still_so(chain: Sequence[_Turn], whole: Mapping[object, Document]) -> Iterator[_Turn]:
    """Give a chain with whole rows, up to one that is gone or about which a person has thought again."""
    for row, following in chain:
        found = whole.get(row["_id"])
        if found is None or found["wish"] != row["wish"]:
            return
        yield _Turn(found, following)
