"""The panel of a challenge: its seats, who sits on them, and the bench of spare judges behind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Judge:
    """An expert who may score, through the vendor that they work for."""

    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


@dataclass(frozen=True, slots=True)
class Seat:
    """One place on the panel, numbered from 1; free until somebody is appointed."""

    number: int
    judge: Judge | None = None


@dataclass(frozen=True, slots=True)
class Seating:
    """Somebody took a seat; `before` is who left it."""

    seat: int
    judge: Judge
    before: Judge | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Seats and bench. The bench is what matching proposed, best first; nobody is taken off it."""

    seats: tuple[Seat, ...] = ()
    bench: tuple[Judge, ...] = ()

    @classmethod
    def of_size(cls, seats: int, bench: tuple[Judge, ...]) -> "Panel":
        return cls(tuple(Seat(number) for number in range(1, seats + 1)), bench)

    @property
    def free(self) -> tuple[int, ...]:
        return tuple(seat.number for seat in self.seats if seat.judge is None)

    @property
    def judges(self) -> frozenset[Judge]:
        return frozenset(seat.judge for seat in self.seats if seat.judge is not None)

    def seat_of(self, person_id: UUID) -> Seat | None:
        return next((s for s in self.seats if s.judge is not None and s.judge.person_id == person_id), None)

    def judge_on(self, number: int) -> Judge | None:
        return self.seats[number - 1].judge

    def take(self, seating: Seating) -> "Panel":
        return self._with(seating.seat, seating.judge)

    def vacate(self, number: int) -> "Panel":
        return self._with(number, None)

    def filling(self, numbers: Iterable[int], spares: Iterable[Judge]) -> Iterator[Seating]:
        """Give the next of the spare judges to each of the seats, as long as there are any."""
        for number, judge in zip(numbers, spares, strict=False):
            yield Seating(number, judge, self.judge_on(number))

    def _with(self, number: int, judge: Judge | None) -> "Panel":
        seats = tuple(replace(seat, judge=judge) if seat.number == number else seat for seat in self.seats)
        return replace(self, seats=seats)
