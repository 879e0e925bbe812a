"""Services reach servers that somebody else runs, each as a user of its own."""

import pytest

from kpo_cli.stack.servers import Servers

HOSTS = "a.example:27017,b.example:27018"


@pytest.mark.parametrize("options", ["replicaSet=rs0", "replicaSet=rs0&authSource=admin"])
def test_a_user_comes_to_the_address_of_the_administrator_and_lives_elsewhere(options: str) -> None:
    servers = Servers("kafka.example:9092", f"mongodb://root:secret@{HOSTS}/?{options}")

    url = servers.mongo_url("kpo_intake", "p@ss/word", "kpo_intake")

    assert url == f"mongodb://kpo_intake:p%40ss%2Fword@{HOSTS}/?replicaSet=rs0&authSource=kpo_intake"
