"""The repository as its own tests see it: which files there are, read and parsed once."""

import ast
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SERVICES = ("billing", "delivery", "intake", "matching")
HIDDEN_BUT_OURS = frozenset({".ci"})
MADE_BY_TOOLS = frozenset({"uv.lock", "kafka-jars.lock"})


@dataclass(frozen=True)
class Source:
    """One Python file; `name` is its path from the root."""

    name: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]

    @classmethod
    def of(cls, name: str, text: str) -> "Source":
        tree = ast.parse(text)
        return cls(name, text, tree, tuple(ast.walk(tree)))

    @property
    def is_product(self) -> bool:
        """Say whether it is shipped: below the `src` of a library, a service or a tool."""
        return "/src/" in self.name

    @property
    def layer(self) -> str:
        """Name the folder or module inside a service's package, such as `domain`; empty elsewhere."""
        parts = self.name.split("/")
        inside = parts[0] == "services" and len(parts) > 4 and parts[2] == "src"
        return parts[4].removesuffix(".py") if inside else ""


@cache
def files() -> tuple[str, ...]:
    """Name every file of the checkout that is ours, without what tools and runs leave behind."""
    found: list[str] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if _is_ours(each)]
        found.extend(str((Path(folder) / name).relative_to(ROOT)) for name in names)
    return tuple(sorted(found))


def _is_ours(folder: str) -> bool:
    if folder.startswith("."):
        return folder in HIDDEN_BUT_OURS
    return folder != "__pycache__" and not folder.endswith(".egg-info")


@cache
def sources() -> tuple[Source, ...]:
    """Parse every Python file that is not empty."""
    texts = ((name, read(name)) for name in files() if name.endswith(".py"))
    return tuple(Source.of(name, text) for name, text in texts if text.strip())


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def texts(*endings: str) -> dict[str, str]:
    """Read all files whose names end in one of these; what tools have made is left out."""
    return {
        name: read(name)
        for name in files()
        if name.endswith(endings) and name.rpartition("/")[2] not in MADE_BY_TOOLS
    }
