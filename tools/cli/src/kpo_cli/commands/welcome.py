"""What a person reads when the system is up: where it is, with which tokens, and three requests to try."""

from __future__ import annotations

import json

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
    client, vendor = issuer.persona("client"), issuer.persona("vendor")
    out.print(f"\n$CLIENT speaks for the client_id {client.tenant};")
    out.print(f"$VENDOR for the vendor_id {vendor.tenant}, as the person_id {vendor.person}.")
    out.print("\nCopy the three tokens into your shell, then try:\n")
    for line in requests(endpoints, issuer):
        out.print(f"  {line}")
    intake, matching = endpoints.services["intake"], endpoints.services["matching"]
    out.print(
        "\nNobody can be found yet: register the vendor, then an expert of it who fits (POST /v1/vendors,"
    )
    out.print(f"POST /v1/experts, described at {matching}/docs).")
    out.print(f"Then file an engagement: POST /v1/engagements, described at {intake}/docs.")
    out.print("\nStop it with `make down`; see who runs with `kpo stack status`.")


def requests(endpoints: Endpoints, issuer: TokenIssuer) -> list[str]:
    """Return three commands: make the client known, look up skills for a brief, see what waits for you."""
    services, client = endpoints.services, issuer.persona("client").tenant
    body = json.dumps({"client_id": str(client), "name": "Acme", "country": "NL", "currency": "EUR"})
    register = (
        f'curl -s {services["intake"]}/v1/clients -H "Authorization: Bearer $OPERATOR"'
        f" -H 'Idempotency-Key: first' -H 'Content-Type: application/json' -d '{body}'"
    )
    return [
        register,
        f"curl -s '{services['matching']}/v1/skills?query=clinical' -H \"Authorization: Bearer $CLIENT\"",
        f'curl -s {services["intake"]}/v1/tasks -H "Authorization: Bearer $CLIENT"',
    ]
