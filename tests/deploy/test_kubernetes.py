"""Holds what kustomize renders against Kubernetes' schemas, the services' settings and our own policies."""

import re

import kubernetes_validate
import pytest

from kpo_chassis.service import DRAIN_SECONDS_MAX
from tests.tree import SERVICES, read

from .environment import load, secrets, settings_of, unknown
from .manifests import Rendered, Workload

KUBERNETES = "1.37"
OLDEST_KUBERNETES = "1.30"
"""The first that lets a container sleep before it stops, unless it is told otherwise."""
EXACT_IMAGE = re.compile(r"(:\d+\.\d+\.\d+|@sha256:[0-9a-f]{64})$")
RESTRICTION = "pod-security.kubernetes.io/enforce"
STAND_IN = "mongodb://user:password@mongo/?replicaSet=rs0"
"""Long enough for every secret; what they hold is decided elsewhere."""
RECEIPT_KEY = """{"kty": "OKP", "crv": "Ed25519",
  "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"""
"""The one secret that must be a key: the example of RFC 8037."""


def environment(workload: Workload) -> dict[str, str]:
    variables = workload.container.env
    told = {each.name: STAND_IN if each.secret else each.value or "" for each in variables}
    return told | {name: RECEIPT_KEY for name in told if name == "KPO_RECEIPT_KEY"}


@pytest.mark.parametrize("version", [OLDEST_KUBERNETES, KUBERNETES])
def test_every_manifest_fits_the_schema_of_its_kind(rendered: Rendered, version: str) -> None:
    for manifest in rendered.manifests:
        assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_the_readme_names_the_oldest_cluster_that_will_do() -> None:
    assert f"Kubernetes {OLDEST_KUBERNETES}" in read("deploy/README.md")


def test_each_service_has_a_namespace_of_its_own_that_takes_only_restricted_pods(rendered: Rendered) -> None:
    enforced = {each.name: each.labels.get(RESTRICTION) for each in rendered.namespaces()}

    assert enforced == dict.fromkeys((f"kpo-{service}" for service in SERVICES), "restricted")


def test_each_service_runs_in_every_role(rendered: Rendered) -> None:
    roles = {(each.service, each.kind, *each.container.args) for each in rendered.workloads()}

    running = {(service, "Deployment", role) for service in SERVICES for role in ("api", "worker")}
    assert roles == running | {(service, "Job", "init") for service in SERVICES}
    assert len(rendered.workloads()) == len(roles)


def test_a_service_accepts_its_environment_in_every_role(
    rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for workload in rendered.workloads():
        settings, told = settings_of(workload.service), environment(workload)

        loaded = load(settings, told, monkeypatch)

        assert unknown(settings, told) == set(), workload.where
        assert loaded.mongo_database == f"kpo_{workload.service}"
        assert (loaded.mongo_admin_url is not None) == (workload.kind == "Job")


def test_api_and_worker_are_told_the_same(rendered: Rendered) -> None:
    for service in SERVICES:
        api, worker = (each for each in rendered.deployments() if each.service == service)

        assert api.container.env == worker.container.env


def test_secrets_come_by_name_and_none_is_rendered(rendered: Rendered) -> None:
    assert list(rendered.kind("Secret")) == []
    for workload in rendered.workloads():
        hidden = secrets(settings_of(workload.service))
        for variable in workload.container.env:
            assert (variable.name in hidden) == (variable.secret is not None), variable.name


def test_every_deployment_can_be_probed_at_its_door(rendered: Rendered) -> None:
    for workload in rendered.deployments():
        container = workload.container
        probes = (container.startup_probe, container.readiness_probe, container.liveness_probe)

        assert [probe and probe.http_get.path for probe in probes] == ["/livez", "/readyz", "/livez"]
        assert {probe.http_get.port for probe in probes if probe} == {port.name for port in container.ports}
        assert environment(workload)["KPO_HTTP_PORT"] == str(container.ports[0].container_port)


def test_a_pod_may_finish_what_is_under_way(rendered: Rendered) -> None:
    for workload in rendered.deployments():
        lifecycle = workload.container.lifecycle

        assert lifecycle is not None, workload.where
        needed = lifecycle.pre_stop.sleep.seconds + DRAIN_SECONDS_MAX
        assert workload.pod.termination_grace_period_seconds > needed


def test_every_deployment_survives_the_draining_of_a_node(rendered: Rendered) -> None:
    for workload in rendered.deployments():
        (budget,) = rendered.budgets(workload)

        assert budget.spec.max_unavailable == 1
        assert budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow"


def test_every_deployment_spreads_its_own_pods_over_zones(rendered: Rendered) -> None:
    for workload in rendered.deployments():
        (spread,) = workload.pod.topology_spread_constraints

        assert spread.topology_key == "topology.kubernetes.io/zone"
        assert spread.label_selector == workload.spec.selector
        assert workload.spec.selector.match_labels
        assert workload.spec.selector.fits(workload.labels)


def test_nothing_enters_or_leaves_a_pod_unless_a_rule_names_it(rendered: Rendered) -> None:
    for workload in rendered.workloads():
        rules = {policy.metadata.name: policy.spec for policy in rendered.policies(workload)}
        deny = rules["default-deny"]

        assert (deny.ingress, deny.egress) == ([], [])
        assert deny.pod_selector.match_labels == {}
        assert set(deny.policy_types) == {"Ingress", "Egress"}
        assert [name for name, rule in rules.items() if rule.ingress] == ["api"] * (
            workload.container.args == ["api"]
        )


def test_every_container_has_a_limit_of_memory_and_none_of_processor_time(rendered: Rendered) -> None:
    for workload in rendered.workloads():
        assert set(workload.container.resources.requests) == {"cpu", "memory"}
        assert set(workload.container.resources.limits) == {"memory"}


def test_every_pod_is_confined(rendered: Rendered) -> None:
    for workload in rendered.workloads():
        pod, container = workload.pod, workload.container

        assert not pod.automount_service_account_token
        assert not pod.enable_service_links
        assert pod.security_context["runAsNonRoot"] is True
        assert pod.security_context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container.security_context == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_images_in_development_are_those_that_compose_builds(dev: Rendered) -> None:
    assert {each.container.image for each in dev.workloads()} == {f"kpo-{name}:dev" for name in SERVICES}


def test_images_in_production_are_pinned(prod: Rendered) -> None:
    for workload in prod.workloads():
        image = workload.container.image

        assert EXACT_IMAGE.search(image), image
        assert f"/kpo-{workload.service}" in image


def test_production_keeps_three_copies_of_topics_and_of_every_process(
    prod: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for workload in prod.workloads():
        if workload.kind == "Job":
            told = load(settings_of(workload.service), environment(workload), monkeypatch)

            assert told.topic_replicas == 3
        else:
            assert workload.spec.replicas == 3


def test_production_shortens_no_deadline(prod: Rendered, monkeypatch: pytest.MonkeyPatch) -> None:
    for workload in prod.workloads():
        settings = settings_of(workload.service)

        told = load(settings, environment(workload), monkeypatch)

        assert told.duration_min_seconds == settings.model_fields["duration_min_seconds"].default
