"""Copies of documents as a server gives them: what one holder changes, no other sees."""

from kpo_chassis.store import Document


def copied(document: Document) -> Document:
    """Copy a document with all that can be changed in it; only dicts and lists can."""
    return {name: _copied(value) for name, value in document.items()}


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):  # A server knows no tuples.
        return [_copied(each) for each in value]
    return value
