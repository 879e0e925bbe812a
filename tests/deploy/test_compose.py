"""Reads the Compose file as Docker and the services would, without either."""

import re
from urllib.parse import urlsplit

import pytest

from kpo_chassis.mongo.database import TRANSACTION_SECONDS_MAX
from kpo_chassis.service import DRAIN_SECONDS_MAX
from kpo_cli.stack.artifacts import read_lock
from kpo_cli.tokens import AUDIENCE, ISSUER
from tests import containers
from tests.tree import ROOT, SERVICES

from .compose import Compose, read
from .environment import load, settings_of, unknown

EXACT_VERSION = re.compile(r":v?\d+\.\d+\.\d+$")


@pytest.fixture(scope="module")
def compose() -> Compose:
    return read()


def test_images_are_built_here_or_pinned_to_an_exact_version(compose: Compose) -> None:
    fetched = [container.image for container in compose.services.values() if container.build is None]

    assert [image for image in fetched if not EXACT_VERSION.search(image)] == []


def test_each_built_image_is_that_of_the_service_it_is_named_after(compose: Compose) -> None:
    built = {container.image: container.build for container in compose.services.values() if container.build}

    assert set(built) == {f"kpo-{name}:dev" for name in (*SERVICES, "cli")}
    for image, build in built.items():
        assert f"kpo-{build.args['SERVICE']}:dev" == image
        assert (ROOT / build.context / build.dockerfile).is_file()


def test_kafka_has_the_version_of_the_local_stack(compose: Compose) -> None:
    (server,) = (jar.coordinate for jar in read_lock() if ":kafka_2.13:" in jar.coordinate)

    assert compose.services["kafka"].image == f"apache/kafka:{server.rpartition(':')[2]}"


def test_the_tests_contain_the_same_servers(compose: Compose) -> None:
    assert compose.services["kafka"].image == containers.KAFKA_IMAGE
    assert compose.services["mongo"].image == containers.MONGO_IMAGE


def test_no_two_containers_publish_one_port(compose: Compose) -> None:
    published = [port.rpartition(":")[0] for each in compose.services.values() for port in each.ports]

    assert len(published) == len(set(published)) > 0


def test_everything_that_is_waited_for_can_come_about(compose: Compose) -> None:
    for container in compose.services.values():
        for name, need in container.depends_on.items():
            other = compose.services[name]
            if need.condition == "service_healthy":
                assert other.healthcheck is not None, name
            else:
                assert other.restart == "no", name


def test_every_mounted_file_and_volume_exists(compose: Compose) -> None:
    for mount in compose.mounts():
        assert mount in compose.volumes or (ROOT / mount).is_file(), mount

    assert set(compose.volumes) <= set(compose.mounts())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_accepts_its_environment_in_every_role(
    service: str, compose: Compose, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role, container in compose.of(service).items():
        settings = settings_of(service)

        loaded = load(settings, container.settings, monkeypatch)

        assert unknown(settings, container.settings) == set()
        assert (loaded.mongo_admin_url is not None) == (role == "init")
        assert (loaded.auth_issuer, loaded.auth_audience) == (ISSUER, AUDIENCE)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_a_database_and_a_user_of_its_own(
    service: str, compose: Compose, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load(settings_of(service), compose.of(service)["api"].settings, monkeypatch)

    assert loaded.mongo_database == urlsplit(loaded.mongo_url).username == f"kpo_{service}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_be_probed_and_may_finish_its_work(service: str, compose: Compose) -> None:
    roles = compose.of(service)

    assert {role: container.command for role, container in roles.items()} == {role: [role] for role in roles}
    for container in (roles["api"], roles["worker"]):
        assert container.healthcheck is not None
        assert f":{container.environment['KPO_HTTP_PORT']}/readyz" in container.healthcheck.test[-1]
        assert int(container.stop_grace_period.removesuffix("s")) > DRAIN_SECONDS_MAX


def test_our_containers_can_write_nowhere_and_have_no_privileges(compose: Compose) -> None:
    ours = [container for container in compose.services.values() if container.build]

    assert {container.read_only for container in ours} == {True}
    assert all(container.cap_drop == ["ALL"] for container in ours)
    assert all(container.security_opt == ["no-new-privileges:true"] for container in ours)


def test_only_the_token_command_may_write_keys(compose: Compose) -> None:
    writers = {name for name, each in compose.services.items() if "keys:/var/lib/kpo" in each.volumes}

    assert writers == {"keys", "token"}


def test_mongod_ends_transactions_in_the_time_that_init_insists_on(compose: Compose) -> None:
    start = " ".join(compose.services["mongo"].entrypoint)

    assert f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS_MAX}" in start
    assert "--keyFile" in start
