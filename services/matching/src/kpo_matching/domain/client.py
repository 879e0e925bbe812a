"""What matching knows of a client: enough to rule out conflicts of interest, copied from intake's events."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Quiet


@dataclass(frozen=True, slots=True)
class ClientCopy(Quiet):
    """A client organisation as its last event described it; its id is the client's tenant id."""

    id: UUID
    name: str
    country: str
