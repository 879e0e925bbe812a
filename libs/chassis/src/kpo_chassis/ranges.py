"""The Range header (RFC 9110, section 14): the one range that is served, or the whole."""

import re
from dataclasses import dataclass

from kpo_chassis.problem import HttpProblem

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `end`, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1


def range_of(header: str | None, size: int) -> ByteRange | None:
    """Read a single range; None (the whole) without one, or for one that is malformed or multiple.

    Raises HttpProblem 416 where the range has no byte in `size` bytes.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if first and last and int(last) < int(first):
        return None
    if first:
        wanted = ByteRange(int(first), min(int(last) if last else size - 1, size - 1))
    else:
        wanted = ByteRange(max(0, size - int(last)), size - 1)
    if wanted.length < 1:
        headers = {"Content-Range": f"bytes */{size}"}
        raise HttpProblem(416, "range_not_satisfiable", f"There are only {size} bytes.", headers=headers)
    return wanted
