"""What no file may hold: stray whitespace, conflict marks, secrets; run by the tests and before a commit."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE_BYTES_MAX = 2 * 1024 * 1024
"""Larger things are fetched where they are needed, with their checksum."""

SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})"),
    "a token of Slack": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10}"),
    "an API key of Google": re.compile(r"\bAIza[0-9A-Za-z_-]{35}"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
}
SECRET_FILES = re.compile(r"(?:^|/)(?:\.env(?:\..*)?|id_(?:rsa|ed25519)|[^/]*\.(?:pem|key|p12|jks))$")
CONFLICT = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)
SPACE_AT_END = re.compile(r"[ \t]+$", re.MULTILINE)


def faults(name: str, content: bytes) -> Iterator[str]:
    """Say what is wrong with one file; bytes that are no text are only measured."""
    if len(content) > FILE_BYTES_MAX:
        yield f"{name}: {len(content)} bytes are above {FILE_BYTES_MAX}"
    if SECRET_FILES.search(name):
        yield f"{name}: such a file holds secrets and stays outside"
    if b"\0" in content:
        return
    text = content.decode(errors="replace")
    yield from _whitespace(name, text)
    for kind, pattern in SECRETS.items():
        for found in pattern.finditer(text):
            yield f"{name}:{_line(text, found)}: this looks like {kind}"


def _whitespace(name: str, text: str) -> Iterator[str]:
    if "\r" in text:
        yield f"{name}: lines end with a carriage return"
    if text and not text.endswith("\n"):
        yield f"{name}: the last line has no end"
    if text.endswith("\n\n"):
        yield f"{name}: there are empty lines at the end"
    for found in SPACE_AT_END.finditer(text):
        yield f"{name}:{_line(text, found)}: there is space at the end of the line"
    for found in CONFLICT.finditer(text):
        yield f"{name}:{_line(text, found)}: this is the mark of a merge conflict"


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


def check(paths: Iterable[str]) -> list[str]:
    """Read files by name and collect their faults."""
    return [fault for path in paths for fault in faults(path, Path(path).read_bytes())]


if __name__ == "__main__":
    sys.exit("\n".join(check(sys.argv[1:])) or 0)
