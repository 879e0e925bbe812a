"""The issuer's public keys: read from a file or URL, kept fresh, and kept at all while the issuer is away."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from kpo_chassis.kernel import TransientError

REFRESH_SECONDS = 600
COOLDOWN_SECONDS = 30
"""The shortest time between two reads, so that tokens with made-up key ids cannot hammer the issuer."""
FETCH_SECONDS_MAX = 5
JWKS_BYTES_MAX = 256 * 1024

log = logging.getLogger("kpo.keys")

Fetch = Callable[[], Awaitable[bytes]]


@dataclass(slots=True)
class Keys:
    """A cache over one JSON Web Key Set. Safe to ask from many requests at once: one of them reads."""

    fetch: Fetch
    now_seconds: Callable[[], float] = time.monotonic
    _keys: dict[str, Key] = field(default_factory=dict, init=False)
    _read_at_seconds: float | None = field(default=None, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def find(self, key_id: str) -> Key | None:
        """Give a key by id, None for one the issuer does not publish; TransientError if no keys are known."""
        key = self._keys.get(key_id)
        if not self._is_due(REFRESH_SECONDS if key else COOLDOWN_SECONDS):
            return key
        async with self._lock:
            if self._is_due(REFRESH_SECONDS if key_id in self._keys else COOLDOWN_SECONDS):
                await self._refresh()
        if not self._keys:
            raise TransientError("The token issuer's keys cannot be read.")
        return self._keys.get(key_id)

    def _is_due(self, seconds: float) -> bool:
        return self._read_at_seconds is None or self.now_seconds() - self._read_at_seconds >= seconds

    async def _refresh(self) -> None:
        """Read the set anew; an issuer that is away leaves the keys as they are until the next try."""
        try:
            self._keys = _parsed(await self.fetch())
        except (OSError, ValueError, KeyError, TypeError, JoseError, httpx2.HTTPError) as error:
            log.warning("keys_unreadable", extra={"keys_known": len(self._keys), "reason": repr(error)})
        self._read_at_seconds = self.now_seconds() if self._keys else None


def keys_at(place: str) -> Keys:
    """Read keys from an http(s) URL or from a file."""
    return Keys(_from_url(place) if place.startswith(("https://", "http://")) else _from_file(Path(place)))


def _from_url(url: str) -> Fetch:
    async def fetch() -> bytes:
        async with httpx2.AsyncClient(timeout=FETCH_SECONDS_MAX, follow_redirects=False) as client:
            answer = await client.get(url, headers={"Accept": "application/json"})
            answer.raise_for_status()
            return answer.content

    return fetch


def _from_file(path: Path) -> Fetch:
    async def fetch() -> bytes:
        return await asyncio.to_thread(path.read_bytes)

    return fetch


def _parsed(raw: bytes) -> dict[str, Key]:
    if len(raw) > JWKS_BYTES_MAX:
        raise ValueError(f"the key set is larger than {JWKS_BYTES_MAX} bytes")
    keys = KeySet.import_key_set(json.loads(raw))
    return {key.kid: key for key in keys if key.kid}
