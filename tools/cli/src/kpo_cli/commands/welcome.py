"""What a person reads when the system is up: where it is, with which tokens, and three requests to try."""

from __future__ import annotations

from rich.console import Console

from kpo_cli.stack.endpoints import Endpoints
from kpo_cli.tokens import PERSONAS, TokenIssuer


def show(out: Console, endpoints: Endpoints, issuer: TokenIssuer) -> None:
    """Print plain lines that can be copied as they are."""
    out.print("\nThe system is up.\n")
    for name, url in endpoints.services.items():
        out.print(f"  {name:<9} {url}   documents: {url}/docs")
    out.print(f"  {'kafka':<9} {endpoints.kafka_bootstrap}")
    out.print(f"  {'mongodb':<9} {endpoints.mongo_admin_url}\n")
    for name in PERSONAS:
        out.print(f"{name.upper()}={issuer.issue(issuer.persona(name))}")
    out.print("\nCopy the three tokens into your shell, then try:\n")
    for line in requests(endpoints):
        out.print(f"  {line}")
    out.print("\nStop it with `make down`; see who runs with `kpo stack status`.")


def requests(endpoints: Endpoints) -> list[str]:
    """Return three commands that answer on a system without any data."""
    intake, worker = endpoints.services["intake"], endpoints.workers["intake"]
    return [
        f"curl -s {intake}/readyz",
        f'curl -s -H "Authorization: Bearer $CLIENT" {intake}/v1/engagements',
        f'curl -s -H "Authorization: Bearer $OPERATOR" {worker}/v1/operations/status',
    ]
