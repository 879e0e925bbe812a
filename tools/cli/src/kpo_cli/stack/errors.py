"""The one error that the local stack shows to a person, so that nobody has to read a traceback."""

from __future__ import annotations


class StackError(Exception):
    """Something a person can mend; the message is one sentence that says how."""
