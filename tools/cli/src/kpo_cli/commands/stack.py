"""`kpo stack`: the local servers and services, started and stopped by a person."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from kpo_cli.stack.servers import LocalServers, ServerOptions

app: Final = typer.Typer(no_args_is_help=True, help="Kafka, MongoDB and the four services on this machine.")
out: Final = Console(soft_wrap=True, highlight=False)

Directory = Annotated[Path, typer.Option(help="Folder for data, logs, ports and passwords.")]
GivenPort = Annotated[
    int | None, typer.Option(min=1, max=65_535, help="Use this port, not one that is chosen.")
]


@app.command()
def servers(
    directory: Directory = Path(".kpo"), kafka_port: GivenPort = None, mongo_port: GivenPort = None
) -> None:
    """Run Kafka and MongoDB alone until Ctrl-C, for work on one service or a benchmark."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = ServerOptions(kafka_port=kafka_port, mongo_port=mongo_port)
    with LocalServers.start(directory, options) as running:
        out.print(f"KPO_KAFKA_BOOTSTRAP={running.kafka.bootstrap}")
        out.print(f"KPO_MONGO_ADMIN_URL={running.mongo.admin_url}")
        out.print("Ctrl-C ends them.")
        signal.pause()
