"""Opaque places in a list, signed so that nobody else makes them and bound to the filters they came from."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from kpo_chassis.problem import HttpProblem

SIGNATURE_BYTES = 16
FILTERS_BYTES = 8
CURSOR_CHARS_MAX = 512


@dataclass(frozen=True, slots=True)
class Cursors:
    """Turns a list's last place into a cursor and back, under one secret key."""

    key: bytes = field(repr=False)

    def seal(self, place: str, filters: Sequence[str]) -> str:
        body = _digest(filters) + place.encode()
        return urlsafe_b64encode(self._signature(body) + body).rstrip(b"=").decode()

    def open(self, cursor: str, filters: Sequence[str]) -> str:
        """Give the place back; HttpProblem 400 where the cursor is not ours or belongs to another list."""
        raw = _decoded(cursor)
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise HttpProblem(400, "cursor_invalid", "Use the next_cursor of an earlier answer as it is.")
        if body[:FILTERS_BYTES] != _digest(filters):
            detail = "This cursor belongs to other filters; keep them, or start again without a cursor."
            raise HttpProblem(400, "cursor_mismatch", detail)
        return body[FILTERS_BYTES:].decode()

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self.key, body, "sha256")[:SIGNATURE_BYTES]


def _digest(filters: Sequence[str]) -> bytes:
    return hashlib.sha256("\0".join(filters).encode()).digest()[:FILTERS_BYTES]


def _decoded(cursor: str) -> bytes:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        return b""
