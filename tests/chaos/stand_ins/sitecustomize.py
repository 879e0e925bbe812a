"""Changes the texts of modules as they are imported, as CHAOS_EDITS says: for services that lack a guard."""

import ast
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

EDITS: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
for _module, _before, _after in ast.literal_eval(os.environ.get("CHAOS_EDITS", "[]")):
    EDITS[_module].append((_before, _after))


class Editor(SourceFileLoader):
    """Loads a module from its text, changed; never from what was compiled before."""

    def get_code(self, fullname: str) -> object:  # type: ignore[override]  # As wide as exec_module needs.
        text = self.get_source(fullname) or ""
        for before, after in EDITS[fullname]:
            if text.count(before) != 1:
                sys.exit(f"{fullname} has {before!r} {text.count(before)} times: the mutant is out of date")
            text = text.replace(before, after)
        return compile(text, self.path, "exec", dont_inherit=True)


class Finder(MetaPathFinder):
    """Finds the modules that are to be changed; all others are found as ever."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in EDITS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = Editor(fullname, spec.origin)
        return spec


sys.meta_path.insert(0, Finder())
