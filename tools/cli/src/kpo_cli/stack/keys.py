"""Makes the key that delivery signs receipts with; it never leaves the folder of the system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from joserfc.jwk import OKPKey

if TYPE_CHECKING:
    from kpo_cli.stack.state import Home

RECEIPT_KEY_FILE: Final = "receipt-key.json"
CURVE: Final = "Ed25519"


def receipt_key(home: Home) -> str:
    """Return the private key as a JWK; it is made at the first call and never changes."""
    path = home.directory / RECEIPT_KEY_FILE
    if not path.exists():
        made = OKPKey.generate_key(CURVE, {"use": "sig", "alg": "EdDSA"}, auto_kid=True)
        home.write(RECEIPT_KEY_FILE, json.dumps(made.as_dict(private=True)))
    return path.read_text()
