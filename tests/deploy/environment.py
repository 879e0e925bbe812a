"""Asks the services' own settings whether an environment that a deployment gives them is right."""

import os
from collections.abc import Mapping
from importlib import import_module

import pytest

from kpo_chassis.settings import ENV_PREFIX, Settings


def settings_of(service: str) -> type[Settings]:
    """Return the class that a service reads its environment with."""
    members = vars(import_module(f"kpo_{service}.settings")).values()
    (own,) = (
        member
        for member in members
        if isinstance(member, type) and issubclass(member, Settings) and member is not Settings
    )
    return own


def variables(settings: type[Settings]) -> frozenset[str]:
    return frozenset(_variable(name) for name in settings.model_fields)


def secrets(settings: type[Settings]) -> frozenset[str]:
    """Name the variables that are never printed."""
    return frozenset(_variable(name) for name, field in settings.model_fields.items() if not field.repr)


def unknown(settings: type[Settings], environment: Mapping[str, str]) -> set[str]:
    return {name for name in environment if name.startswith(ENV_PREFIX)} - variables(settings)


def load(settings: type[Settings], environment: Mapping[str, str], patch: pytest.MonkeyPatch) -> Settings:
    """Read the settings from this environment alone; SettingsError names what is missing or wrong."""
    for name in os.environ:
        if name.startswith(ENV_PREFIX):
            patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)
    return settings.load()


def _variable(field: str) -> str:
    return f"{ENV_PREFIX}{field.upper()}"
