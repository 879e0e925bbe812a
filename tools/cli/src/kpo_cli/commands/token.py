"""`kpo token`: an access token for the local system."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated

import typer

from kpo_cli.stack.errors import StackError
from kpo_cli.stack.state import Home
from kpo_cli.tokens import LIFETIME_SECONDS, PERSONAS, Identity, TokenIssuer

PERSONA_HELP = f"Whom the token speaks for unless told otherwise: {', '.join(PERSONAS)}."


def token(  # noqa: PLR0913, PLR0917  # Every argument is an option of the command line.
    persona: Annotated[str, typer.Argument(help=PERSONA_HELP)] = "client",
    tenant: Annotated[uuid.UUID | None, typer.Option(help="The organisation acted for.")] = None,
    person: Annotated[uuid.UUID | None, typer.Option(help="The person who acts.")] = None,
    scope: Annotated[str | None, typer.Option(help="Scopes, separated by spaces.")] = None,
    lifetime_seconds: Annotated[int, typer.Option(min=1)] = LIFETIME_SECONDS,
    directory: Annotated[Path, typer.Option(help="The folder of the system.")] = Path(".kpo"),
) -> None:
    """Print an access token that the services of this folder accept."""
    if persona not in PERSONAS:
        raise StackError(f"{persona} is nobody; take one of {', '.join(PERSONAS)}.")
    issuer = TokenIssuer.open(Home.open(directory))
    known = issuer.persona(persona)
    identity = Identity(
        tenant or known.tenant, person or known.person, known.scope if scope is None else scope
    )
    typer.echo(issuer.issue(identity, lifetime_seconds))
