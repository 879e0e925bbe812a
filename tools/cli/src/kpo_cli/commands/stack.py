"""`kpo stack`: the local servers and services, started and ended by a person."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer
from rich.console import Console
from rich.table import Table

from kpo_cli.commands import welcome
from kpo_cli.stack import control
from kpo_cli.stack.endpoints import ProcessEntry, last_status, running_endpoints
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import SERVICES, Roles, ServerOptions, SystemOptions
from kpo_cli.stack.preparation import prepare
from kpo_cli.stack.state import Home
from kpo_cli.tokens import TokenIssuer

MEGABYTE: Final = 1 << 20
HOME: Final = Path(".kpo")
PORT_MAX: Final = (1 << 16) - 1

app: Final = typer.Typer(no_args_is_help=True, help="Kafka, MongoDB and the four services on this machine.")
out: Final = Console(soft_wrap=True, highlight=False)

Directory = Annotated[Path, typer.Option(help="Folder for data, logs, ports, passwords and keys.")]
Ports = Annotated[
    list[str],
    typer.Option("--port", help="NAME=NUMBER, where NAME is kafka, mongod or a service; repeatable."),
]


@app.command()
def up(
    directory: Directory = HOME,
    ports: Ports = [],  # noqa: B006  # Typer reads the default and never hands out the list itself.
    roles: Annotated[
        Roles, typer.Option(help="One process per service, or api and worker apart.")
    ] = Roles.TOGETHER,
    otlp_endpoint: Annotated[str | None, typer.Option(help="Send traces and metrics there.")] = None,
) -> None:
    """Start everything, leave it running, and show how to use it."""
    given = _parse_ports(ports)
    home = Home.open(directory)
    options = SystemOptions(
        servers=_server_options(given),
        roles=roles,
        otlp_endpoint=otlp_endpoint,
        service_ports={name: given[name] for name in SERVICES if name in given},
    )
    if home.holder() is None:
        prepare(home.directory, out)
    with out.status("starting") as spinner:
        endpoints = control.bring_up(home, options, spinner.update)
    welcome.show(out, endpoints, TokenIssuer.open(home))


@app.command("prepare")
def fetch(directory: Directory = HOME) -> None:
    """Check the machine and fetch what the servers need, so that later starts are quick."""
    prepare(directory.absolute(), out)


@app.command()
def down(directory: Directory = HOME) -> None:
    """End what runs in the folder; its data stay."""
    with out.status("stopping"):
        ended = control.end(Home.at(directory))
    out.print("Everything is stopped; the data stay for the next start." if ended else "Nothing was running.")


@app.command()
def status(directory: Directory = HOME) -> None:
    """Show the processes; exit with 1 unless all of them run."""
    home = Home.at(directory)
    endpoints, said = running_endpoints(home), last_status(home)
    if endpoints is None or said is None:
        out.print(home.occupation() if home.holder() else "Nothing is up; start it with `make up`.")
        raise typer.Exit(1)
    table = Table("process", "pid", "memory", "state")
    for entry in endpoints.processes:
        table.add_row(entry.name, str(entry.pid), *_life(entry))
    out.print(table)
    out.print(said.detail)
    if not all(psutil.pid_exists(entry.pid) for entry in endpoints.processes):
        raise typer.Exit(1)


@app.command()
def reset(directory: Directory = HOME) -> None:
    """Throw away the data, ports, passwords and keys of a folder in which nothing runs."""
    home = Home.at(directory)
    if home.directory.exists():
        home.expect_ours()
        with home.held("a reset"):
            shutil.rmtree(home.directory)
    out.print(f"{home.directory} is gone; the next start begins anew.")


@app.command()
def servers(directory: Directory = HOME, ports: Ports = []) -> None:  # noqa: B006  # As above.
    """Run Kafka and MongoDB alone until Ctrl-C, for work on one service or a benchmark."""
    from kpo_cli.stack.servers import LocalServers  # noqa: PLC0415  # The database driver is slow to import.

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    prepare(directory.absolute(), out)
    with LocalServers.start(directory, _server_options(_parse_ports(ports))) as running:
        out.print(f"KPO_KAFKA_BOOTSTRAP={running.kafka.bootstrap}")
        out.print(f"KPO_MONGO_ADMIN_URL={running.mongo.admin_url}")
        out.print("Ctrl-C ends them.")
        signal.pause()


def _server_options(ports: dict[str, int]) -> ServerOptions:
    return ServerOptions(kafka_port=ports.get("kafka"), mongo_port=ports.get("mongod"))


def _parse_ports(texts: list[str]) -> dict[str, int]:
    known = ("kafka", "mongod", *SERVICES)
    ports = {}
    for text in texts:
        name, _, number = text.partition("=")
        if name not in known or not number.isdecimal():
            raise StackError(f"--port {text} is not NAME=NUMBER with one of the names {', '.join(known)}.")
        if len(number) > len(str(PORT_MAX)) or not 1 <= int(number) <= PORT_MAX:
            raise StackError(f"--port {text}: a port is a number from 1 to {PORT_MAX}.")
        ports[name] = int(number)
    return ports


def _life(entry: ProcessEntry) -> tuple[str, str]:
    """Return memory and state of a process for people."""
    try:
        process = psutil.Process(entry.pid)
        return f"{process.memory_info().rss // MEGABYTE} MB", process.status()
    except psutil.NoSuchProcess:
        return "", "ended"
