"""Measures the engine beside loops that promise less, on real servers, in one run: only ratios count."""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from uuid import UUID

import uvloop
from benchmarks import backlog, ceilings, engine_loop, peers, unsafe_loop
from benchmarks.measuring import Figures, Stopwatch
from benchmarks.plan import Plan
from benchmarks.tally import blueprint

from kpo_chassis.garbage import calm_collector
from kpo_chassis.mongo import connect, prepare
from kpo_chassis.service import preparation_of
from kpo_cli.stack.options import ServerOptions, Tuning
from kpo_cli.stack.servers import LocalServers

WORKERS = 8
UNSAFE = "unsafe loop"
UNSAFE_APART = "unsafe loop, inserts apart"
UNSAFE_TWO = "unsafe loop, two in parallel"
ENGINE = "engine"
BARE_ONE = "safe loop, one by one"
BARE_MANY = f"safe loop, {WORKERS} workers"
STREAM_ONE = "FastStream, one by one"
STREAM_MANY = f"FastStream, {WORKERS} workers"
READING = "reading alone"
WRITING = "bulk writes alone"
SHARES = {
    UNSAFE: 1, ENGINE: 1, UNSAFE_APART: 1, UNSAFE_TWO: 1, BARE_ONE: 50, BARE_MANY: 20, STREAM_ONE: 50,
    STREAM_MANY: 20, READING: 1, WRITING: 1,
}  # fmt: skip
"""Every loop, with the part of the backlog that it gets: the slow ones would take all day for the whole."""

TARGETS = {UNSAFE: 0.75, BARE_ONE: 50, BARE_MANY: 10, STREAM_ONE: 50, STREAM_MANY: 10}
"""How many times as many events per second the engine should make as each of them."""

ZIPF_EXPONENT = 1.0
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
    sys.exit("\n".join(complaints) or 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--aggregates", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loops", nargs="+", choices=SHARES, default=list(SHARES))
    parser.add_argument("--keys", choices=("uniform", "zipf"), default="uniform")
    return parser.parse_args()


def _rounds(servers: LocalServers, options: argparse.Namespace) -> dict[str, list[Figures]]:
    """Run every loop once per round, each time in another order; round 0 only warms the servers up."""
    expected = asyncio.run(
        backlog.fill(
            servers.kafka.bootstrap,
            events=options.events,
            aggregates=options.aggregates,
            partitions=options.partitions,
            exponent=ZIPF_EXPONENT if options.keys == "zipf" else 0.0,
        )
    )
    results: defaultdict[str, list[Figures]] = defaultdict(list)
    for number in range(options.rounds + 1):
        turn = number % len(options.loops)
        for loop in [*options.loops[turn:], *options.loops[:turn]]:
            name = f"bench_{number}_{list(SHARES).index(loop)}"
            plan = _plan(servers, loop, name, options.events // SHARES[loop])
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
    await _LOOPS[plan.loop](plan, watch)
    complaint = await _complaint(plan, before, expected)
    await client.drop_database(plan.name)
    client.close()
    return replace(watch.figures(), complaint=f"{plan.loop}: {complaint}" if complaint else "")


_LOOPS: Mapping[str, Callable[[Plan, Stopwatch], Awaitable[None]]] = {
    ENGINE: engine_loop.run,
    UNSAFE: partial(unsafe_loop.run, workers=1),
    UNSAFE_APART: partial(unsafe_loop.run, workers=1, inserts_apart=True),
    UNSAFE_TWO: partial(unsafe_loop.run, workers=2),
    BARE_ONE: partial(peers.run_bare, workers=1),
    BARE_MANY: partial(peers.run_bare, workers=WORKERS),
    STREAM_ONE: partial(peers.run_faststream, workers=1),
    STREAM_MANY: partial(peers.run_faststream, workers=WORKERS),
    READING: ceilings.read,
    WRITING: ceilings.write,
}


async def _complaint(plan: Plan, before: backlog.Ends, expected: Counter[UUID]) -> str:
    """Check what the loop has made of its events; the ceilings make nothing of them."""
    if plan.loop in (READING, WRITING):
        return ""
    if SHARES[plan.loop] > 1:
        return await backlog.complaint_about_part(plan, before)
    return await backlog.complaint(plan, before, expected)


def _print(results: dict[str, list[Figures]], options: argparse.Namespace) -> None:
    print(
        f"\n{options.events:,} events, {options.aggregates:,} aggregates ({options.keys} keys),"
        f" {options.partitions} partitions,"
        f" {options.rounds} rounds; medians (and ranges); CPU in microseconds per event"
    )
    for loop, runs in results.items():
        print(_line(loop, runs))
    for loop, runs in results.items():
        if ENGINE in results and loop != ENGINE:
            pairs = list(zip(results[ENGINE], runs, strict=True))
            by_time = [ours.events_per_second / theirs.events_per_second for ours, theirs in pairs]
            by_cpu = [theirs.cpu_us / ours.cpu_us for ours, theirs in pairs]
            target = f" (target: {TARGETS[loop]:g} in events/s)" if loop in TARGETS else ""
            print(
                f"{ENGINE} / {loop}: events/s {_spread(by_time, '.2f')}, events per CPU second"
                f" {_spread(by_cpu, '.2f')}{target}"
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
