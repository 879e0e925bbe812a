"""One attempt to commit a batch: load, decide in memory in order, write, all inside one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from kpo_chassis.announcement import Announcement, Draft, Outgoing, Parcel, origin_of
from kpo_chassis.documents import Documents, Entries
from kpo_chassis.held import Held
from kpo_chassis.inbox import InboxRow
from kpo_chassis.kernel import (
    AGGREGATES_PER_CAUSE_MAX,
    NEEDS_ROUNDS_MAX,
    Aggregate,
    Cause,
    Clock,
    Command,
    Decision,
    Decisions,
    Needs,
    NotFoundError,
    NotYetError,
    Occurrence,
    Ref,
    States,
    Stored,
)
from kpo_chassis.requests import RequestRow, expect_version
from kpo_chassis.store import INBOX, PARKED, REQUESTS, Document, Id, Move, Transaction
from kpo_chassis.work import Key, Proposal, Slot
from kpo_events.catalogue import Origin


@dataclass(frozen=True)
class Registry:
    """Where the states and entries of a service are kept, by type, and how its facts leave."""

    service: str
    documents: Mapping[type[object], Documents]
    entries: Mapping[type[object], Entries]
    outgoing: Outgoing

    @classmethod
    def of(
        cls, service: str, documents: Iterable[Documents], entries: Iterable[Entries], outgoing: Outgoing
    ) -> "Registry":
        return cls(service, {d.type: d for d in documents}, {e.type: e for e in entries}, outgoing)


@dataclass
class Attempt:
    """The working set of one transaction: what was read, and what will be written if it commits."""

    registry: Registry
    tx: Transaction
    held: dict[Key, Held] = field(default_factory=dict)
    inbox: dict[str, InboxRow] = field(default_factory=dict)
    requests: dict[str, RequestRow] = field(default_factory=dict)
    inserts: defaultdict[str, list[Document]] = field(default_factory=lambda: defaultdict(list))
    parked: dict[str, Document] = field(default_factory=dict)
    set_aside: dict[Slot, str] = field(default_factory=dict)
    reparked: list[Document] = field(default_factory=list)
    unparked: list[Id] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    announcement: Announcement = field(init=False)

    def __post_init__(self) -> None:
        self.announcement = Announcement(uuid4().hex, self.registry.service)

    # Reading ----------------------------------------------------------------------------------------------

    async def read(self, proposals: Sequence[Proposal], streams: Sequence[str]) -> None:
        """Read all that a batch names, one statement per collection."""
        if streams:
            rows = await self.tx.load(INBOX, streams)
            self.inbox = {stream: InboxRow.read(stream, rows.get(stream)) for stream in streams}
        keys = {key for proposal in proposals if (key := _request_of(proposal)) is not None}
        if keys:
            found = await self.tx.load(REQUESTS, list(keys))
            self.requests = {key: RequestRow.read(row) for key, row in found.items() if isinstance(key, str)}
        await self.hold(ref for proposal in proposals for ref in proposal.refs)

    async def hold(self, refs: Iterable[Ref[object]]) -> None:
        """Load the aggregates that are not in hand yet."""
        wanted: defaultdict[type[object], set[UUID]] = defaultdict(set)
        for ref in refs:
            if (ref.type, ref.id) not in self.held:
                wanted[ref.type].add(ref.id)
        for kind, keys in wanted.items():
            documents = self.registry.documents[kind]
            found = await self.tx.load(documents.collection, list(keys))
            for key in keys:
                self.held[kind, key] = Held.read(documents, key, found.get(key))

    # Deciding ---------------------------------------------------------------------------------------------

    async def propose(self, proposal: Proposal, now: datetime) -> Stored[object] | None:
        """Decide one change on what the batch has made so far; raises its refusal, leaving no trace of it."""
        replay = self._replay(proposal)
        if replay is not None:
            return replay
        cause, first = proposal.cause, proposal.refs[0] if proposal.refs else None
        self._admit(proposal)
        if isinstance(cause, Clock) and self.held[cause.type, cause.id].due_at != cause.due_at:
            return None
        decisions = await self._decide(proposal, now)
        drafts = [self._drafts(decision) for decision in decisions.decisions]
        self._apply(decisions, drafts, origin_of(cause, proposal.trace), now)
        return self._remember(proposal, self.held[first.type, first.id], now) if first else None

    def _replay(self, proposal: Proposal) -> Stored[object] | None:
        key = _request_of(proposal)
        row = self.requests.get(key) if key else None
        if row is None:
            return None
        assert isinstance(proposal.cause, Command)
        row.expect(proposal.cause)
        documents = self.registry.documents[proposal.refs[0].type]
        state = documents.load(row.state, row.schema)
        return Stored(state, row.version, replayed=row.token != proposal.token)

    def _admit(self, proposal: Proposal) -> None:
        """Check before any rule is asked that what must exist does, and that the caller may know it."""
        cause = proposal.cause
        self._admit_refs(proposal.refs, cause)
        if isinstance(cause, Command) and cause.if_match is not None:
            first = proposal.refs[0]
            expect_version(cause.if_match, self.held[first.type, first.id].version)

    async def _decide(self, proposal: Proposal, now: datetime) -> Decisions:
        refs = list(proposal.refs)
        for _ in range(NEEDS_ROUNDS_MAX + 1):
            answer = proposal.decide(States({ref: self.held[ref.type, ref.id].state for ref in refs}), now)
            match answer:
                case Needs(refs=more):
                    await self.hold(more)
                    refs.extend(more)
                    self._admit_refs(more, proposal.cause)
                case Decision():
                    return Decisions((answer,))
                case Decisions():
                    return answer
        raise RuntimeError(f"a decision still needs more after {NEEDS_ROUNDS_MAX} rounds")

    def _admit_refs(self, refs: Iterable[Ref[object]], cause: Cause) -> None:
        for ref in refs:
            held = self.held[ref.type, ref.id]
            if held.state is None and ref.required:
                raise _absent(ref, cause)
            if ref.named and isinstance(cause, Command) and not held.known_to(cause.caller):
                raise _absent(ref, cause)

    def _drafts(self, decision: Decision[Aggregate, object]) -> list[Draft]:
        return [Draft.of(self.registry.outgoing(fact)) for fact in decision.facts]

    def _apply(self, decisions: Decisions, drafts: list[list[Draft]], origin: Origin, now: datetime) -> None:
        """Take a decision into the batch; all that can fail comes first, so that it happens whole or not."""
        assert len(decisions.decisions) <= AGGREGATES_PER_CAUSE_MAX
        touched = [self.held[type(d.state), d.state.id] for d in decisions.decisions]
        kinds = [self.registry.entries[type(entry)] for entry in decisions.entries]
        rows = [kind.encode(entry) for kind, entry in zip(kinds, decisions.entries, strict=True)]
        for held, decision, bodies in zip(touched, decisions.decisions, drafts, strict=True):
            state = decision.state
            held.become(state, now, origin.traceparent)
            for draft in bodies:
                seq, before = held.announce(self.announcement.id)
                if before is not None:
                    self.announcement.prev.add(before)
                self.announcement.add(draft, state.id, seq, origin, now)
        for kind, row in zip(kinds, rows, strict=True):
            self.inserts[kind.collection].append(row)

    def _remember(self, proposal: Proposal, held: Held, now: datetime) -> Stored[object] | None:
        if held.state is None:
            assert not isinstance(proposal.cause, Command), "a command answers with what it named first"
            return None
        if (key := _request_of(proposal)) is not None:
            row = RequestRow.of(key, proposal, held)
            self.requests[key] = row
            self.inserts[REQUESTS].append(row.document(now))
        return Stored(held.state, held.version)

    def copy_parked(self, row: Document) -> None:
        """Send a copy of a parked record out, for people who watch."""
        self.announcement.copy(row)

    # Writing ----------------------------------------------------------------------------------------------

    async def write(self) -> Parcel | None:
        """Write what the batch made, one statement per collection; give what is to be published, if any."""
        await self._save_aggregates()
        await self._write_inbox()
        for collection, documents in self.inserts.items():
            await self.tx.insert(collection, documents)
        if self.moves:
            await self.tx.advance(self.moves)
        if not self.announcement.records:
            return None
        parcel = self.announcement.parcel()
        await self.tx.announce(parcel.document())
        return parcel

    async def _save_aggregates(self) -> None:
        by_collection: defaultdict[str, list[Held]] = defaultdict(list)
        for held in self.held.values():
            if held.dirty:
                by_collection[held.documents.collection].append(held)
        for collection, all_held in by_collection.items():
            new = frozenset(held.id for held in all_held if held.is_new)
            await self.tx.save(collection, [held.document() for held in all_held], new)

    async def _write_inbox(self) -> None:
        dirty = [row for row in self.inbox.values() if row.dirty]
        if dirty:
            new: frozenset[Id] = frozenset(row.stream for row in dirty if row.is_new)
            await self.tx.save(INBOX, [row.document() for row in dirty], new)
        if self.reparked:
            await self.tx.save(PARKED, self.reparked, frozenset())
        if self.unparked:
            await self.tx.delete(PARKED, self.unparked)


def _request_of(proposal: Proposal) -> str | None:
    return RequestRow.id_of(proposal.cause) if isinstance(proposal.cause, Command) else None


def _absent(ref: Ref[object], cause: Cause) -> Exception:
    sentence = f"There is no {ref.type.__name__.lower()} {ref.id}."
    return NotYetError(sentence) if isinstance(cause, Occurrence) else NotFoundError(sentence)
