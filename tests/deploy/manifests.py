"""The parts of Kubernetes manifests that our rules speak of; their form is left to the published schemas."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter
from pydantic.alias_generators import to_camel

Manifest = dict[str, JsonValue]


class Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Metadata(Part):
    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}


class Key(Part):
    name: str
    key: str


class Origin(Part):
    secret_key_ref: Key | None = None


class Variable(Part):
    name: str
    value: str | None = None
    value_from: Origin | None = None

    @property
    def secret(self) -> str | None:
        """Name the secret that the value comes from, if it does."""
        return (
            self.value_from.secret_key_ref.name
            if self.value_from and self.value_from.secret_key_ref
            else None
        )


class Request(Part):
    path: str
    port: str


class Probe(Part):
    http_get: Request


class Port(Part):
    name: str
    container_port: int


class Resources(Part):
    requests: dict[str, str]
    limits: dict[str, str]


class Sleep(Part):
    seconds: int


class BeforeStop(Part):
    sleep: Sleep


class Lifecycle(Part):
    pre_stop: BeforeStop


class Container(Part):
    """One container with what Deployments have and Jobs have not left open."""

    image: str
    args: list[str]
    env: list[Variable]
    resources: Resources
    security_context: dict[str, JsonValue]
    ports: list[Port] = []
    startup_probe: Probe | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    lifecycle: Lifecycle | None = None


class Selector(Part):
    match_labels: dict[str, str] = {}

    def fits(self, labels: dict[str, str]) -> bool:
        return self.match_labels.items() <= labels.items()


class Spread(Part):
    topology_key: str
    label_selector: Selector


class Pod(Part):
    service_account_name: str
    automount_service_account_token: bool
    enable_service_links: bool
    security_context: dict[str, JsonValue]
    containers: list[Container]
    termination_grace_period_seconds: int = 30
    topology_spread_constraints: list[Spread] = []


class Template(Part):
    metadata: Metadata
    spec: Pod


class WorkloadSpec(Part):
    replicas: int = 1
    selector: Selector = Selector()
    template: Template


class Workload(Part):
    """A Deployment or a Job."""

    kind: str
    metadata: Metadata
    spec: WorkloadSpec

    @property
    def where(self) -> str:
        return f"{self.metadata.namespace}/{self.metadata.name}"

    @property
    def service(self) -> str:
        return self.metadata.namespace.removeprefix("kpo-")

    @property
    def labels(self) -> dict[str, str]:
        return self.spec.template.metadata.labels

    @property
    def pod(self) -> Pod:
        return self.spec.template.spec

    @property
    def container(self) -> Container:
        (only,) = self.pod.containers
        return only


class BudgetSpec(Part):
    max_unavailable: int
    unhealthy_pod_eviction_policy: str
    selector: Selector


class Budget(Part):
    metadata: Metadata
    spec: BudgetSpec


class PolicySpec(Part):
    pod_selector: Selector
    policy_types: list[str]
    ingress: list[JsonValue] = []
    egress: list[JsonValue] = []


class Policy(Part):
    metadata: Metadata
    spec: PolicySpec


@dataclass(frozen=True)
class Rendered:
    """All manifests of one overlay."""

    manifests: tuple[Manifest, ...]

    @classmethod
    def of(cls, text: str) -> "Rendered":
        return cls(tuple(TypeAdapter(list[Manifest]).validate_python(list(yaml.safe_load_all(text)))))

    def kind(self, *kinds: str) -> Iterator[Manifest]:
        return (manifest for manifest in self.manifests if manifest["kind"] in kinds)

    def namespaces(self) -> list[Metadata]:
        return [Metadata.model_validate(each["metadata"]) for each in self.kind("Namespace")]

    def workloads(self) -> list[Workload]:
        return [Workload.model_validate(each) for each in self.kind("Deployment", "Job")]

    def deployments(self) -> list[Workload]:
        return [each for each in self.workloads() if each.kind == "Deployment"]

    def budgets(self, workload: Workload) -> list[Budget]:
        """Return the budgets for a workload's pods."""
        every = map(Budget.model_validate, self.kind("PodDisruptionBudget"))
        return [each for each in every if _speaks_of(each.metadata, each.spec.selector, workload)]

    def policies(self, workload: Workload) -> list[Policy]:
        """Return the network rules for a workload's pods."""
        every = map(Policy.model_validate, self.kind("NetworkPolicy"))
        return [each for each in every if _speaks_of(each.metadata, each.spec.pod_selector, workload)]


def _speaks_of(metadata: Metadata, selector: Selector, workload: Workload) -> bool:
    return metadata.namespace == workload.metadata.namespace and selector.fits(workload.labels)
