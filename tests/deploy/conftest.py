"""Renders each overlay once, with the real kustomize."""

from pathlib import Path

import pytest

from kpo_cli.stack.artifacts import cache_directory
from tests.tree import ROOT

from .kubectl import kubectl, render
from .manifests import Rendered

OVERLAYS = ROOT / "deploy/k8s/overlays"


@pytest.fixture(scope="session")
def kustomize() -> Path:
    return kubectl(cache_directory())


@pytest.fixture(scope="session")
def dev(kustomize: Path) -> Rendered:
    return Rendered.of(render(kustomize, OVERLAYS / "dev"))


@pytest.fixture(scope="session")
def prod(kustomize: Path) -> Rendered:
    return Rendered.of(render(kustomize, OVERLAYS / "prod"))


@pytest.fixture(params=["dev", "prod"])
def rendered(request: pytest.FixtureRequest, dev: Rendered, prod: Rendered) -> Rendered:
    return dev if request.param == "dev" else prod
