"""What a build of a service can read: how it decodes records, and a name for that ability."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from kpo_events.catalogue import ABILITY, Event, decode
from kpo_events.payload import Payload


@dataclass(frozen=True)
class Reader:
    """`ability` is another one in every release, and in every build whose catalogue of events is another.

    Records that a build could not read are tried again, once, by the first one of another ability.
    """

    decode: Callable[[Iterable[tuple[str, bytes]], bytes], Event[Payload]]
    ability: str


READER: Final = Reader(decode, f"{version('kpo-events')}/{ABILITY}")
