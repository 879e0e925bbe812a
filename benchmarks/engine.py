"""Measures the engine beside loops that promise less, on real servers, in one run: only ratios count."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from uuid import UUID

import uvloop
from benchmarks import backlog, engine_loop, unsafe_loop
from benchmarks.measuring import Figures, Stopwatch
from benchmarks.plan import Plan
from benchmarks.tally import blueprint

from kpo_chassis.garbage import calm_collector
from kpo_chassis.mongo import connect, prepare
from kpo_chassis.service import preparation_of
from kpo_cli.stack.options import ServerOptions, Tuning
from kpo_cli.stack.servers import LocalServers

UNSAFE = "unsafe loop"
UNSAFE_TWO = "unsafe loop, two in parallel"
ENGINE = "engine"
LOOPS = (UNSAFE, UNSAFE_TWO, ENGINE)
RATIO_MIN = 0.6
CACHE_GIGABYTES = 2.0


def main() -> None:
    options = _options()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="kpo-bench-") as folder:
        servers_options = ServerOptions(mongo_tuning=Tuning(cache_gigabytes=CACHE_GIGABYTES))
        with LocalServers.start(Path(folder), servers_options) as servers:
            results = _rounds(servers, options)
    _print(results, options)
    complaints = [figures.complaint for runs in results.values() for figures in runs if figures.complaint]
    sys.exit("\n".join(complaints))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--aggregates", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loops", nargs="+", choices=LOOPS, default=LOOPS)
    return parser.parse_args()


def _rounds(servers: LocalServers, options: argparse.Namespace) -> dict[str, list[Figures]]:
    """Run every loop once per round, each time in another order; round 0 only warms the servers up."""
    expected = asyncio.run(
        backlog.fill(
            servers.kafka.bootstrap,
            events=options.events,
            aggregates=options.aggregates,
            partitions=options.partitions,
        )
    )
    results: defaultdict[str, list[Figures]] = defaultdict(list)
    for number in range(options.rounds + 1):
        turn = number % len(options.loops)
        for loop in [*options.loops[turn:], *options.loops[:turn]]:
            plan = _plan(servers, loop, f"bench_{number}_{LOOPS.index(loop)}", options.events)
            figures = _apart(plan, expected)
            print(f"round {number}: {_line(loop, [figures])} {figures.complaint}", flush=True)
            if number:
                results[loop].append(figures)
    return results


def _plan(servers: LocalServers, loop: str, name: str, events: int) -> Plan:
    return Plan(
        loop=loop,
        name=name,
        events=events,
        mongo_url=servers.mongo.admin_url,
        kafka=servers.kafka.bootstrap,
        mongod_pid=servers.mongo.pid,
        broker_pid=servers.kafka.pid,
    )


def _apart(plan: Plan, expected: Counter[UUID]) -> Figures:
    """Run in a process of its own: nothing warm is handed from one loop to the next."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, plan, expected).result()


def _measure(plan: Plan, expected: Counter[UUID]) -> Figures:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # It tells of every retry as an error.
    return uvloop.run(_run(plan, expected))


async def _run(plan: Plan, expected: Counter[UUID]) -> Figures:
    client = connect(plan.mongo_url)
    without_user = "mongodb://" + plan.mongo_url.rpartition("@")[2]
    await prepare(client, preparation_of(plan.name, blueprint(plan.name)), without_user)
    before = await backlog.ends(plan.kafka)
    watch = Stopwatch(plan)
    calm_collector()  # As a service does; the loops beside it get the same.
    match plan.loop:
        case "engine":
            await engine_loop.run(plan, watch)
        case _:
            await unsafe_loop.run(plan, watch, workers=2 if plan.loop == UNSAFE_TWO else 1)
    complaint = await backlog.complaint(plan, before, expected)
    await client.drop_database(plan.name)
    client.close()
    return replace(watch.figures(), complaint=f"{plan.loop}: {complaint}" if complaint else "")


def _print(results: dict[str, list[Figures]], options: argparse.Namespace) -> None:
    print(
        f"\n{options.events:,} events, {options.aggregates:,} aggregates, {options.partitions} partitions,"
        f" {options.rounds} rounds; medians (and ranges); CPU in microseconds per event"
    )
    for loop, runs in results.items():
        print(_line(loop, runs))
    for loop in (UNSAFE, UNSAFE_TWO):
        if ENGINE in results and loop in results:
            pairs = list(zip(results[ENGINE], results[loop], strict=True))
            by_time = [ours.events_per_second / theirs.events_per_second for ours, theirs in pairs]
            by_cpu = [theirs.cpu_us / ours.cpu_us for ours, theirs in pairs]
            print(
                f"{ENGINE} / {loop}: events/s {_spread(by_time, '.2f')}, events per CPU second"
                f" {_spread(by_cpu, '.2f')} (target: at least {RATIO_MIN})"
            )


def _line(loop: str, runs: Sequence[Figures]) -> str:
    columns = (
        ("events/s", [run.events_per_second for run in runs]),
        ("service", [run.service_us for run in runs]),
        ("mongod", [run.mongod_us for run in runs]),
        ("broker", [run.broker_us for run in runs]),
    )
    return f"{loop:<30}" + "  ".join(f"{name} {_spread(values, ',.0f')}" for name, values in columns)


def _spread(values: Sequence[float], form: str) -> str:
    middle = format(median(values), form)
    return (
        f"{middle} ({format(min(values), form)}-{format(max(values), form)})" if len(values) > 1 else middle
    )


if __name__ == "__main__":
    main()
