"""Brings parked records back: when their time has come, their gap has closed, or a person wished it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby

from kpo_chassis.batch import Release
from kpo_chassis.committer import Committer, WallClock
from kpo_chassis.consumer import Dispatcher
from kpo_chassis.meters import Meters
from kpo_chassis.outcome import Skip
from kpo_chassis.parking import SKIP, parked_id, unpark
from kpo_chassis.store import INBOX, PARKED, Database, Document
from kpo_chassis.work import Lane, Slot

HEAL_SECONDS = 0.5
PARKED_ROWS_MAX = 2_000
"""How many parked rows one look takes in; the rest has its turn when these are gone."""

BY_STREAM = (("topic", 1), ("partition", 1), ("key", 1), ("seq", 1))
WAITS_FOR_ORDER = frozenset({"behind", "gap"})


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

    async def heal(self) -> None:
        """Release the head of every parked stream whose turn it is."""
        topics = sorted({lane.topic for lane in self._lanes.values()})
        if not topics:
            return
        rows = await self._database.find(
            PARKED, {"topic": {"$in": topics}}, sort=BY_STREAM, limit=PARKED_ROWS_MAX
        )
        self._count_released({row["_id"] for row in rows})
        if not rows:
            return
        await self._forget_unnumbered(rows)
        streams = [f"{row['topic']}/{row['key']}" for row in rows]
        inbox = await self._database.find(INBOX, {"_id": {"$in": streams}}, limit=len(streams))
        applied = {row["_id"]: row["seq"] for row in inbox}
        for head, following in _heads(rows):
            self._release(head, following, applied.get(f"{head['topic']}/{head['key']}", 0))

    def _release(self, row: Document, following: int, applied: object) -> None:
        record = unpark(row)
        lane = self._lanes.get(f"{record.topic}/{record.partition}")
        key = parked_id(record)
        running = self._under_way.get(key)
        if lane is None or (running is not None and not running.slot.settled):
            return
        assert isinstance(applied, int)
        assert record.seq is not None
        if not self._is_turn(row, record.seq, applied):
            return
        slot = Slot(record, parked=row)
        release = self._under_way[key] = Release(lane, slot, following)
        if row["wish"] == SKIP:
            slot.verdict = Skip()
        else:
            self._dispatcher.dispatch([slot])
        self._committer.release(release)

    def _is_turn(self, row: Document, seq: int, applied: int) -> bool:
        if seq <= applied or row["wish"] == SKIP:
            return True
        if seq != applied + 1:
            return False
        next_at = row["next_at"]
        is_due = isinstance(next_at, datetime) and next_at <= self._clock.now()
        is_of_other_build = row.get("unreadable_by") not in (None, self._ability)
        return is_due or is_of_other_build or row["wish"] is not None or row["code"] in WAITS_FOR_ORDER

    def _count_released(self, still_parked: set[object]) -> None:
        """Let go of what came back and is parked no more; what others brought back is theirs to count."""
        for key in [key for key in self._under_way if key not in still_parked]:
            release = self._under_way.pop(key)
            is_ours = release.slot.settled and self._lanes.get(release.lane.id) is release.lane
            assert release.slot.parked is not None
            if is_ours and release.slot.parked["wish"] != SKIP:
                self._meters.add("kpo_released_total")

    async def _forget_unnumbered(self, rows: list[Document]) -> None:
        """Remove records without a number when a person says so: they can never be applied."""
        skipped = [str(row["_id"]) for row in rows if row["seq"] is None and row["wish"] == SKIP]
        if skipped:
            await self._database.forget(PARKED, skipped)


def _heads(rows: list[Document]) -> Iterator[tuple[Document, int]]:
    """Give each stream's lowest row, with the number of the one after it (0: none)."""
    numbered = [row for row in rows if row["seq"] is not None]
    for _, group in groupby(numbered, key=lambda row: (row["topic"], row["key"])):
        head, *others = group
        following = others[0]["seq"] if others else 0
        assert isinstance(following, int)
        yield head, following
