"""Checks that what services tell arrives somewhere."""

from urllib.parse import urlsplit

import yaml

from tests.tree import ROOT

from .compose import read

COLLECTOR = yaml.safe_load((ROOT / "deploy/observability/collector.yaml").read_text())
SERVICE = COLLECTOR["service"]["pipelines"]


def test_traces_and_metrics_pass_through_parts_that_are_set_up_and_none_is_idle() -> None:
    for kind in ("receivers", "processors", "exporters"):
        used = {part for pipeline in SERVICE.values() for part in pipeline[kind]}

        assert used == set(COLLECTOR[kind])

    assert set(SERVICE) == {"traces", "metrics"}


def test_the_collector_listens_where_the_services_send() -> None:
    told = {each.settings.get("KPO_OTLP_ENDPOINT") for each in read().services.values()} - {None}

    port = COLLECTOR["receivers"]["otlp"]["protocols"]["http"]["endpoint"].rpartition(":")[2]

    assert told == {f"http://collector:{port}"}


def test_every_back_end_runs() -> None:
    hosts = {urlsplit(each["endpoint"]).hostname for each in COLLECTOR["exporters"].values()}

    assert hosts <= set(read().services)
